import type { Session } from './session.ts';

/**
 * Brings the settings up to date: asks the client where it answers, otherwise takes what it sent.
 * @returns whether they changed.
 */
export async function readSettings(session: Session, sent?: unknown): Promise<boolean> {
  const before = JSON.stringify(session.settings);
  if (session.answersConfiguration) {
    session.settings = (await session.connection.workspace.getConfiguration('weighbridge')) as unknown;
  } else if (typeof sent === 'object' && sent !== null && 'weighbridge' in sent) {
    session.settings = sent.weighbridge;
  }
  return JSON.stringify(session.settings) !== before;
}
