import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const adminExposed = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/admin-exposed',
    title: 'An admin interface listens for everybody',
    severity: 'error',
    description:
      'The admin interface of Envoy, Kong (`admin_listen`, `admin_gui_listen`, `KONG_ADMIN_LISTEN`) or TorchServe (`management_address`) is bound to an address that others reach. A status page of nginx (`stub_status`) that asks nobody is information; `api write=on` of NGINX Plus is an error.',
    why: 'Who reaches it reads keys and configuration, routes traffic elsewhere, or loads a model of their own, which runs code ("ShellTorch").',
    howToFix: 'Bind it to 127.0.0.1, or to a socket, and reach it from there.',
    avoid: [
      {
        file: 'config.properties',
        text: 'inference_address=http://127.0.0.1:8080\nmanagement_address=http://0.0.0.0:8081\n',
      },
      {
        file: 'envoy.yaml',
        text: 'admin:\n  address:\n    socket_address: {address: 0.0.0.0, port_value: 9901}\nstatic_resources:\n  clusters: []\n',
      },
      { file: 'kong.conf', text: 'database = off\nproxy_listen = 0.0.0.0:8443 ssl\nadmin_listen = 0.0.0.0:8001\n' },
      {
        file: 'serve.yaml',
        text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: torchserve\ndata:\n  config.properties: |\n    # mounted into the server\n    inference_address=http://127.0.0.1:8080\n\n    management_address=http://0.0.0.0:8081\n  other: value\n',
        note: 'A file inside of a ConfigMap is read as that file.',
      },
    ],
    prefer: [
      {
        file: 'config.properties',
        text: 'inference_address=http://127.0.0.1:8080\nmanagement_address=http://127.0.0.1:8081\n',
      },
      { file: 'kong.conf', text: 'database = off\nadmin_listen = 127.0.0.1:8001, off\n' },
    ],
    references: [
      { title: 'CVE-2023-43654, TorchServe', url: 'https://nvd.nist.gov/vuln/detail/CVE-2023-43654' },
      {
        title: 'Envoy documentation: administration interface',
        url: 'https://www.envoyproxy.io/docs/envoy/latest/operations/admin',
      },
    ],
    ...endpointMappings,
    cwe: [306, 1327],
  },
  check(text, report) {
    reportWeaknesses('admin-exposed', text, report);
  },
});
