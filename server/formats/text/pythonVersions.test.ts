import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionsAllowed } from './pythonVersions.ts';

test('which side of a version specifiers allow', () => {
  const cases: [string[], ReturnType<typeof versionsAllowed>][] = [
    [['==2.5.1'], 'older'],
    [['==2.1.0+cu118'], 'older'],
    [['==2.6.0'], 'newer'],
    [['==2.*'], 'mixed'],
    [['==2.5.*'], 'older'],
    [['>=2.6'], 'newer'],
    [['>=2.0, <3'], 'mixed'],
    [['<2.6'], 'older'],
    [['~=2.4.0'], 'older'],
    [['>=2.0', '==2.7.1'], 'mixed'],
    [['!=2.5'], 'mixed'],
    [[''], 'unknown'],
    [[], 'unknown'],
    [['not a version'], 'unknown'],
  ];
  for (const [specifiers, expected] of cases)
    assert.equal(versionsAllowed(specifiers, '2.6.0'), expected, specifiers.join());
});
