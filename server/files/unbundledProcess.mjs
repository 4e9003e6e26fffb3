// Runs a process from its TypeScript sources: tests and development.
import { register } from 'tsx/esm/api';

register();
await import(process.argv[2]);
