import {
  appendFileSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { FileSource } from '../../files/fileSource.ts';
import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { onnxType } from '../../formats/onnx/dtypes.ts';
import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts';
import { moveWeights } from '../onnx/moveWeights.ts';
import { readGraph } from '../onnx/readGraph.ts';
import { writeModel, type ModelPart } from '../onnx/writeModel.ts';

/** Models up to this size, in bytes, are put together in memory; of larger ones the weights stand in a file that sessions map. */
const inMemory = 256 << 20;

/** A model on the disk, its structure, and the files that hold its weights. */
export class ModelFile {
  readonly path: string;
  readonly graph: OnnxGraph;
  readonly source: FileSource;
  /** Bytes, with external data. */
  readonly size: number;
  readonly #external: readonly string[];
  #bytes: Buffer | null = null;
  #folder: string | null = null;
  #written = 0;

  /**
   * Reads and checks the structure. Nothing is run.
   * @throws {WeighbridgeError} `not-found`, `unreadable` or `bad-input`, naming what is wrong.
   */
  constructor(path: string) {
    this.path = path;
    try {
      this.source = new FileSource(path);
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw new WeighbridgeError(
        missing ? 'not-found' : 'unreadable',
        missing ? `${path} does not exist.` : `${path} cannot be read: ${(cause as Error).message}.`,
        { cause },
      );
    }
    this.graph = readGraph(this.source, path);
    this.#external = this.#checkTensors();
    this.size = [path, ...this.#external].reduce((sum, file) => sum + statSync(file).size, 0);
  }

  /** The files that hold its weights, from its folder, with `/`. */
  get dataFiles(): readonly string[] {
    const home = dirname(this.path);
    return this.#external.map((file) => relative(home, file).split(sep).join('/'));
  }

  /** Whether its weights are too many to hold them more than once. */
  get isLarge(): boolean {
    return this.size > inMemory;
  }

  /** The model with a part added, as ONNX Runtime takes it: bytes, or the path of a file that `close` removes. */
  with(part: ModelPart | null): Uint8Array | string {
    const added = part === null ? new Uint8Array(0) : writeModel(part);
    if (this.#external.length === 0 && this.source.size <= inMemory) {
      this.#bytes ??= readFileSync(this.path);
      return added.length === 0 ? this.#bytes : Buffer.concat([this.#bytes, added]);
    }
    const isApart = this.#external.length > 0;
    if (isApart && added.length === 0) return this.path;
    const folder = (this.#folder ??= this.#newFolder((made) =>
      isApart ? this.#linkWeights(made) : moveWeights(this.source, join(made, 'model.onnx')),
    ));
    const whole = isApart ? this.path : join(folder, 'model.onnx');
    if (added.length === 0) return whole;
    const file = join(folder, `${this.#written++}-${basename(this.path)}`);
    copyFileSync(whole, file, constants.COPYFILE_FICLONE);
    appendFileSync(file, added);
    return file;
  }

  close(): void {
    this.source.close();
    this.#bytes = null;
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * A folder for models with parts, and for the weights beside them: the system's for temporary files when it is of the same file system and has
   * room, and else one beside the model.
   */
  #newFolder(fill: (folder: string) => void): string {
    let problem: unknown = null;
    for (const parent of [tmpdir(), dirname(this.path)]) {
      let folder: string | null = null;
      try {
        folder = mkdtempSync(join(parent, '.weighbridge-scan-'));
        fill(folder);
        return folder;
      } catch (error) {
        problem = error;
        if (folder !== null) rmSync(folder, { recursive: true, force: true });
      }
    }
    throw new WeighbridgeError(
      'unwritable',
      `The weights of ${this.path} cannot be put where the gradient is computed (${(problem as Error).message}): make its folder writable, or make room.`,
      { cause: problem },
    );
  }

  /** The weights under their own names: hard links, since ONNX Runtime refuses symbolic ones. */
  #linkWeights(folder: string): void {
    for (const file of this.#external) {
      const copy = join(folder, file.slice(dirname(this.path).length + 1));
      mkdirSync(dirname(copy), { recursive: true });
      linkSync(file, copy);
    }
  }

  /** Whether every tensor has the bytes that its shape needs. @returns the files that hold weights, absolute. */
  #checkTensors(): string[] {
    const files = new Set<string>();
    const constantsOfNodes = this.graph.nodes.flatMap((node) =>
      [...node.attributes.values()].flatMap(({ tensor }) => (tensor ? [tensor] : [])),
    );
    for (const tensor of [...this.graph.initializers.values(), ...constantsOfNodes]) {
      const file = this.#checkTensor(tensor);
      if (file !== null) files.add(file);
    }
    return [...files].sort();
  }

  #checkTensor(tensor: OnnxTensor): string | null {
    const { data, shape } = tensor;
    const { bytes } = onnxType(tensor.type, shape);
    const size = shape.length === 0 ? 'a single value' : shape.join(' x ');
    if (shape.some((each) => each < 0 || !Number.isSafeInteger(each)))
      throw this.#refusal(`the shape of its tensor "${tensor.name}" is ${size}`);
    if (data.kind === 'raw' && bytes !== null && data.length !== bytes)
      throw this.#refusal(
        `its tensor "${tensor.name}" (${size}) needs ${bytes} bytes, and ${data.length} are in the file`,
      );
    if (data.kind !== 'external') return null;
    const outside = leadsOutside(data.location);
    if (data.location === '' || outside !== null)
      throw this.#refusal(
        `the weights of "${tensor.name}" are in "${data.location}", which ${outside ?? 'names no file'}`,
      );
    const file = resolve(dirname(this.path), data.location);
    this.#checkLinks(file, tensor.name);
    const needed = data.offset + (data.length ?? bytes ?? 0);
    const there = statSync(file).size;
    if (!(data.offset >= 0) || !(needed <= there) || (data.length !== null && bytes !== null && data.length !== bytes))
      throw this.#refusal(
        `the weights of "${tensor.name}" (${size}) need ${needed} bytes of "${data.location}", which has ${there}`,
      );
    return file;
  }

  /** A link, in the file's place or in a folder's on the way, could lead anywhere. */
  #checkLinks(file: string, tensor: string): void {
    const home = dirname(this.path);
    for (let at = file; at.length > home.length; at = dirname(at)) {
      const stat = lstatSync(at, { throwIfNoEntry: false });
      if (!stat) throw this.#refusal(`the weights of "${tensor}" should be in ${file}, which does not exist`);
      if (stat.isSymbolicLink()) throw this.#refusal(`the weights of "${tensor}" are behind the symbolic link ${at}`);
      if (at === file && !stat.isFile())
        throw this.#refusal(`the weights of "${tensor}" are in ${file}, which is no file`);
    }
  }

  #refusal(why: string): WeighbridgeError {
    return new WeighbridgeError('bad-input', `${this.path} cannot be scanned: ${why}.`);
  }
}
