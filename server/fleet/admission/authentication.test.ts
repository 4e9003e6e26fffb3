import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternativesOf, publishedKeys } from './authentication.ts';

test('the names of a certificate are its own, and none is made by commas in another', () => {
  assert.deepEqual(alternativesOf('DNS:a.example, IP Address:10.0.0.1, URI:spiffe://b/c, email:d@e'), [
    'a.example',
    'spiffe://b/c',
    'd@e',
  ]);
  assert.deepEqual(alternativesOf('DNS:"evil, DNS:kube-apiserver, x", DNS:good'), [
    'evil, DNS:kube-apiserver, x',
    'good',
  ]);
  assert.deepEqual(alternativesOf('DNS:"quoted \\" , DNS:kube-apiserver"'), ['quoted " , DNS:kube-apiserver']);
  for (const broken of ['', 'DNS:', 'DNS:"evil, DNS:a', 'nothing']) assert.deepEqual(alternativesOf(broken), []);
});

test('an issuer that is no address is told as that', async () => {
  await assert.rejects(publishedKeys('accounts', new AbortController().signal), { code: 'bad-usage' });
});
