import type { Example } from '../rule.ts';

/** An archive of one text. */
export const plainArchive: Example = { file: 'model.zip', zip: [{ name: 'config.txt', text: 'layers: 2' }] };

/** The specification of ZIP archives. */
export const zipSpecification = {
  title: 'APPNOTE.TXT: ZIP File Format Specification',
  url: 'https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT',
};
