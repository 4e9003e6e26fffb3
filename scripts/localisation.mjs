// The words of the extension that can be translated: those of the manifest (package.nls.json), and those that the client
// says, collected from its sources into l10n/bundle.l10n.json as translators take it.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * The manifest, or a part of it, as a person reads it: VS Code puts words in place of `%key%`.
 * @template T
 * @param {T} part @param {Record<string, string>} words @returns {T}
 * @throws {Error} for a key without words.
 */
export function inWords(part, words) {
  return JSON.parse(JSON.stringify(part), (_, value) => {
    const key = typeof value === 'string' ? /^%([\w.]+)%$/.exec(value)?.[1] : undefined;
    if (key === undefined) return value;
    if (!Object.hasOwn(words, key)) throw new Error(`package.nls.json has no words for ${key}`);
    return words[key];
  });
}

/**
 * Every text that the client hands to `vscode.l10n.t`, by itself: the form of a bundle in the language of the sources.
 * @param {string} root of the repository. @returns {Record<string, string>} in the order of texts.
 */
export function localisedTexts(root) {
  const texts = sourcesIn(path.join(root, 'client')).flatMap((file) => textsIn(file, readFileSync(file, 'utf8')));
  return Object.fromEntries([...new Set(texts)].sort().map((text) => [text, text]));
}

/**
 * @param {string} name of the file, for messages. @param {string} source @returns {string[]}
 * @throws {Error} for a text that is put together: nobody could translate it.
 */
export function textsIn(name, source) {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const texts = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && /\bl10n\.t$/.test(node.expression.getText(file))) {
      const [text] = node.arguments;
      if (text === undefined || !ts.isStringLiteralLike(text)) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
        throw new Error(`${name}:${line + 1} l10n.t needs one literal text, with {0} where something is put in`);
      }
      texts.push(text.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

/** Pages in webviews run in a browser, which has no `vscode`. */
function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'webview' ? [] : sourcesIn(full);
    return /\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name) ? [full] : [];
  });
}
