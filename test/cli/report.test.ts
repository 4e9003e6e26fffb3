import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { weighbridge } from './weighbridge.ts';

describe('weighbridge report', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-report-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.join(folder, 'models'));
  writeFileSync(path.join(folder, 'models', 'model.pkl'), Buffer.from('cos\nsystem\n(S"true"\ntR.', 'latin1'));

  const time = { SOURCE_DATE_EPOCH: '1767225600' };

  it('writes the twelve controls as Markdown, HTML and JSON, the same bytes for the same files', async () => {
    const markdown = await weighbridge(folder, ['report'], time);
    assert.equal(markdown.code, 0, markdown.stderr);
    assert.match(
      markdown.stdout,
      /^# Security of models and data: weighbridge\\-report|^# Security of models and data: /,
    );
    assert.match(markdown.stdout, /\| 4 \| All weights in SafeTensors, pickle blocked by policy \| Not met \|/);
    assert.equal((await weighbridge(folder, ['report'], time)).stdout, markdown.stdout);
    const html = await weighbridge(folder, ['report', '--format', 'html', '--output', 'report.html'], time);
    assert.equal(html.code, 0, html.stderr);
    assert.match(
      readFileSync(path.join(folder, 'report.html'), 'utf8'),
      /^<!DOCTYPE html>[\s\S]*2026-01-01T00:00:00\.000Z/,
    );
    const json = await weighbridge(folder, ['report', '--format', 'json'], time);
    const { controls } = JSON.parse(json.stdout) as { controls: { id: string; state: string }[] };
    assert.equal(controls.length, 12);
    assert.ok(controls.every(({ state }) => ['met', 'not-met', 'unseen'].includes(state)));
  });

  it('tells mistakes in one line', async () => {
    for (const [args, expected] of [
      [['report', 'nowhere'], /nowhere/],
      [['report', 'a', 'b'], /report takes one folder/],
      [['report', '--format', 'pdf'], /--format must be markdown, html, json/],
      [['report', '--output', 'models/model.pkl'], /would replace/],
    ] as const) {
      const outcome = await weighbridge(folder, [...args]);
      assert.equal(outcome.code, 2, outcome.stdout);
      assert.match(outcome.stderr, expected);
      assert.equal(outcome.stderr.trimEnd().split('\n').length, 1);
    }
  });
});
