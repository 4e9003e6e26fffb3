import { WeighbridgeError } from '../errors.ts';
import { fieldsOf, readYamlDocument } from './yamlDocument.ts';

export const knownRoles = ['data-scientist', 'ml-engineer', 'ml-ops'] as const;

/**
 * Who has which role. Without a file of roles nobody is known, and the name of a role stands for itself: that is enough for a
 * pipeline that has one service account a role.
 */
export class Roles {
  readonly #members: ReadonlyMap<string, readonly string[]> | null;

  private constructor(members: ReadonlyMap<string, readonly string[]> | null) {
    this.#members = members;
  }

  /** @param file absolute, or null. @throws {WeighbridgeError} `bad-config`, `not-found`. */
  static read(file: string | null): Roles {
    if (file === null) return new Roles(null);
    const { roles } = fieldsOf(readYamlDocument(file));
    const members = new Map<string, string[]>();
    for (const [role, people] of Object.entries(fieldsOf(roles))) {
      if (!Array.isArray(people) || people.some((person) => typeof person !== 'string')) {
        throw new WeighbridgeError('bad-config', `${file}: roles.${role} must be a list of people`);
      }
      members.set(usual(role), people as string[]);
    }
    if (members.size === 0) throw new WeighbridgeError('bad-config', `${file}: "roles" names no role`);
    return new Roles(members);
  }

  /** Everybody who has a role, sorted; null without a file of roles. */
  people(): string[] | null {
    return this.#members === null ? null : [...new Set([...this.#members.values()].flat())].sort();
  }

  of(subject: string): string[] {
    if (this.#members === null) return knownRoles.filter((role) => role === usual(subject));
    return [...this.#members].filter(([, people]) => people.includes(subject)).map(([role]) => role);
  }
}

/** `ML Ops`, `ml_ops` and `mlops` are one role. */
function usual(role: string): string {
  return role
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
    .replace(/^ml-?(ops|engineer)$/, 'ml-$1');
}
