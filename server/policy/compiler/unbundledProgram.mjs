// Runs the compiler's process from its TypeScript source: tests and development.
import { pathToFileURL } from 'node:url';
import { register } from 'tsx/esm/api';

register();
await import(pathToFileURL(process.argv[3]).href);
