import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ArchiveFacts } from '../facts.ts';
import { record } from '../recordingContext.fixture.ts';
import { readXz } from './reader.ts';

/** A stream of one stored chunk, under a filter with its properties. */
function filtered(filter: number[], data: Uint8Array): Uint8Array {
  const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0, 0, 0, 0, 0];
  const filters = [1, ...filter, 0x21, 1, 16];
  const padding = (4 - ((1 + filters.length + 4) % 4)) % 4;
  const header = [(1 + filters.length + padding + 4) / 4 - 1, ...filters, ...Array<number>(padding + 4).fill(0)];
  const body = [1, (data.length - 1) >> 8, (data.length - 1) & 0xff, ...data, 0];
  const end = [...Array<number>((4 - (body.length % 4)) % 4).fill(0), ...Array<number>(18).fill(0), 0x59, 0x5a];
  return Uint8Array.from([...magic, ...header, ...body, ...end]);
}

const delta = (distance: number): number[] => [3, 1, distance - 1];

it('undoes the delta filter of xz', () => {
  const differences = Uint8Array.from({ length: 20 }, (_, at) => (at < 2 ? 10 * at + 10 : 1));
  const { members, problems } = record(readXz, filtered(delta(2), differences));
  const expected = Uint8Array.from({ length: 20 }, (_, at) => 10 + (at % 2) * 10 + (at >> 1));
  assert.deepEqual([[...(members[0]?.bytes ?? [])], problems], [[...expected], []]);
});

it('undoes the filter for x86 code of xz', () => {
  // A call at 4, whose target the filter made absolute: 0x100 + 9.
  const code = Uint8Array.from([0x90, 0x90, 0x90, 0x90, 0xe8, 0x09, 0x01, 0, 0, 0x90, 0x90, 0x90]);
  const { members } = record(readXz, filtered([4, 0], code));
  assert.deepEqual([...(members[0]?.bytes.subarray(4, 9) ?? [])], [0xe8, 0, 1, 0, 0]);
});

it('says which filter it does not undo', () => {
  const { problems, parts } = record(readXz, filtered([7, 0], Uint8Array.of(1, 2, 3, 4)));
  assert.deepEqual(
    problems.map(({ code, message, incomplete }) => [code, message, incomplete]),
    [['unsupported', 'an xz block uses the filter 7, which is not supported', true]],
  );
  assert.equal((parts[0] as ArchiveFacts).format, 'xz');
});
