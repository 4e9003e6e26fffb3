import type { Example } from '../rule.ts';

/** An archive of TorchScript whose only module has this code. */
export function torchscriptExample(code: string): Example {
  return {
    file: 'model.pt',
    zip: [
      { name: 'model/data.pkl', pickle: 'PROTO 2\nNONE\nSTOP' },
      { name: 'model/constants.pkl', pickle: 'PROTO 2\nEMPTY_TUPLE\nSTOP' },
      { name: 'model/code/__torch__/net.py', text: code },
      { name: 'model/version', text: '3\n' },
    ],
  };
}
