import tseslint from 'typescript-eslint';

const plainNotifications = {
  selector:
    'CallExpression[callee.property.name=/^show(Information|Warning|Error)Message$/]' +
    ':not([arguments.0.callee.property.name="t"][arguments.0.arguments.length=1])' +
    ':not([arguments.0.callee.name="plainMessage"])',
  message:
    'A notification makes a link of "[words](command:...)", and files can write that: give it plainMessage(...), or vscode.l10n.t(...) of one text.',
};

/** Words of the client that would stay English in every language (docs/decisions/0141). */
const localisedWords = [
  {
    selector:
      ':matches(Property[key.name=/^(title|label|detail|description|placeHolder|prompt|tooltip|openLabel|saveLabel|words)$/],' +
      ' VariableDeclarator, ConditionalExpression, LogicalExpression, ArrayExpression, ReturnStatement, ArrowFunctionExpression,' +
      ' CallExpression[callee.name=/^(plainMessage|sentences|targetOf|askFor\\w*|askText|askFile|query)$/])' +
      ' > Literal[value=/^(\\$\\([a-z~-]+\\) )?[A-Z]?[a-z]+,? [a-zA-Z]/]',
    message: 'A person reads this: give it vscode.l10n.t(...), with {0} where something is put in.',
  },
  {
    selector:
      ':not(CallExpression[callee.object.name="log"]) > TemplateLiteral > TemplateElement[value.raw=/[a-z]{3,}[,.]? [a-zA-Z]/]',
    message: 'A person reads this: give it vscode.l10n.t(...), with {0} where something is put in.',
  },
];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      '.tsbuild/',
      '.tools/',
      'artifacts/',
      'node_modules/',
      'examples/',
      '**/*.mjs',
      '**/*.js',
      '**/*.cjs',
      '**/*.d.mts',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: [
          './server/tsconfig.json',
          './client/tsconfig.json',
          './client/inspector/webview/tsconfig.json',
          './test/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname ?? process.cwd(),
      },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // node:test's describe/it/test return promises that its runner awaits itself.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
    },
  },
  { files: ['test/**/*.ts', 'server/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['client/**/*.ts'], rules: { 'no-restricted-syntax': ['error', plainNotifications] } },
  {
    files: ['client/**/*.ts'],
    ignores: ['client/**/webview/**', 'client/webviewPage.ts', 'client/**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', plainNotifications, ...localisedWords] },
  },
);
