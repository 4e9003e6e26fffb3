/** What the vectors below hold. */
export const plain = Buffer.concat([
  Buffer.from('weights '.repeat(50)),
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.alloc(600),
]);

/*
 * Made once by Python's standard library, which node:zlib cannot stand in for:
 *
 *   import base64, bz2, lzma
 *   data = b'weights ' * 50 + bytes(range(256)) + b'\0' * 600
 *   for made in (bz2.compress(data), lzma.compress(data), lzma.compress(data, check=lzma.CHECK_CRC32),
 *                lzma.compress(data, format=lzma.FORMAT_ALONE)):
 *       print(base64.b64encode(made).decode())
 */
const vector = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
export const bzip2 = vector(
  'QlpoOTFBWSZTWYqpB48AAQn/////////////////////////////////////////////sAD1LSAAAAAAAAAAAAAAAAAAAAAAEwCYAAAAAAAAAAAAAATA' +
    'AEwAIVRoBpNDT0CaGnqaYmAAmTQYmmjJgJjIAAAmjEwmJiMTCYmho0aaMjAAAAJgQYAQ000yZAaMAmQwgwkwAEwABMAAAAAAAAAAAAAAAAAAAAAAAAAA' +
    'AAAAAAAAAAAP6GwWgO+LAAuLzAxMjM0Imu0Ntrttub7gkcHJ0dnm5Pd1u94fb0m+n5YIAAk9+TE5QUlRWWFpcXmBiZGZoamxucHJ0dnh6fH6AgoSGiIqM' +
    'jpCSlJaYmpyeoKKkpqiqrK5VkKMrMztDS1NbY2tze4OLk5wACAC6uzwAgA80RABIAIALwQ53PeXp76D4+v4CAC/kQEAEoQ6JUQABJwBKBgulBwkL0+pDQ8' +
    'R1YmKi4zrRsdH9eOj5CRkpOUlZaXmJmam5ydnp+goaKjpKWmp6ipqqusra6vsLGys7S1tre4ubq7vL2+v76/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2N' +
    'na29zd3t/g4eLj5OXm5+jp6uvs7e7v8fLz//p6+3v8UgB8/P19/n6LuSKcKEhFVIPHg',
);
const lzmaBody =
  'O5lJceqmoHWwULqK83FAbnzQh1s6BUuC1Dm4QYC1TnyhoxRRzKgShmC+CxOrUE/6tKAiGaChV4hqXhnawJeCj2ingMUvIwMihHxgWca4kj0mBGoGERQM' +
  'NrsasrIjKUjP2LV61uyYMFk0E2tUDCVoY0JjkVkZWA0XkIhQxFRdYoOmMgZ7Y0vsensdSPtS0aV/SmtTvEvbQOQ20bqtRwpS4ImWGG4Xgf/N5RdYazxe' +
  'c0SucZUpZSC/je64UX48xq5DMqTRemJmOWYQv89naFF9gsIyoFk3BrpjMYp902LQXyqrybX1h25ARVMO6qhP40n4je0adyzJE0I=';
const body = Buffer.from(lzmaBody, 'base64');
const around = (before: string, after: string): Uint8Array =>
  new Uint8Array(Buffer.concat([Buffer.from(before, 'base64'), body, Buffer.from(after, 'base64')]));
export const xz = around(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4ATnAPxdAA==',
  'ceApAADJlfLJbgpuKQABmALoCQAAy0G6VLHEZ/sCAAAAAARZWg==',
);
export const alone = around('XQAAgAD//////////wA=', 'c893////K4QAAA==');

/** What the next two hold. */
export const modernPlain = Buffer.from(
  Array.from({ length: 40 }, (_, index) => `layer ${(index * index) % 37} weight, `).join(''),
);

/* Made once by `zstd -19` 1.5 and `lz4 -9` 1.9 of that text: Node 20 has neither. */
export const zstd = vector(
  'KLUv/WSaAS0DAKLDCxCw6+drtveSYGTaVibvidGpLtbxsU/7qeQZ1L5qej9+r4qvSzCClpA6DhPZeWYFH6gwmu+fAWApLWgbEBThm5b/1DUD2+TLFsCH8qph8bi3mRpCMYpAwWbRoFhNdJdWN+CntT33VQ==',
);
export const lz4 = vector(
  'BCJNGGRAp5UAAADyAWxheWVyIDAgd2VpZ2h0LCAQABsxEAAbNBAAHDkwABs2EQArMjURABwzIgAsMTIzABs3EQAMEAAdMkMADLcALDMzMwAMyQAcMREADDIAHDPrABwzZQAvMjgRAA0vMzBVAA4PlwANLzIx2wANLzEwHwENHzdhAQ0NgwEfM8cBDi8xNgoCDB80SgIGD2oCGFBnaHQsIAAAAAAQweEc',
);
