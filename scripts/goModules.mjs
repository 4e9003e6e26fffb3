// What is linked into the compiler of policies: modules of Go, and the standard library.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

/**
 * @param {string} root the repository.
 * @returns {{ name: string, version: string, sum: string | undefined, folder: string }[]} by name; `sum` as go.sum has it.
 */
export function goModules(root) {
  const go = (...args) =>
    execFileSync('go', args, {
      cwd: path.join(root, 'policies', 'compiler'),
      env: { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GOWORK: 'off', GOFLAGS: '-mod=readonly' },
      encoding: 'utf8',
    }).trim();
  const format = '{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Sum}}\t{{.Dir}}{{end}}{{end}}';
  const modules = [...new Set(go('list', '-deps', '-f', format, '.').split('\n'))].filter((line) => line !== '').sort();
  const [version, goRoot] = go('env', 'GOVERSION', 'GOROOT').split('\n');
  return [...modules, `std\t${version?.replace('go', '')}\t\t${goRoot}`].map((line) => {
    const [name = '', version = '', sum = '', folder = ''] = line.split('\t');
    return { name, version, sum: sum === '' ? undefined : sum, folder };
  });
}
