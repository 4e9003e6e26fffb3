import tseslint from 'typescript-eslint';

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
  {
    files: ['client/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.property.name=/^show(Information|Warning|Error)Message$/]' +
            ':not([arguments.0.type="Literal"]):not([arguments.0.callee.name="plainMessage"])',
          message:
            'A notification makes a link of "[words](command:...)", and files can write that: give it plainMessage(...).',
        },
      ],
    },
  },
);
