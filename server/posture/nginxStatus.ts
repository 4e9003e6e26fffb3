import type { NginxDirective } from '../formats/text/facts.ts';
import { note, type Endpoint, type Weakness } from './facts.ts';

/**
 * Pages that nginx tells of itself (`stub_status`, and `api` of NGINX Plus), where nothing asks who comes: how much the model is used, and with
 * `write=on` where requests go. Source: nginx.org, ngx_http_stub_status_module and ngx_http_api_module.
 * @param isGuarded whether a block asks, by address or by credentials.
 */
export function openStatus(
  locations: readonly NginxDirective[],
  around: readonly NginxDirective[],
  endpoint: Endpoint,
  isGuarded: (block: readonly NginxDirective[]) => boolean,
): Weakness[] {
  const weaknesses: Weakness[] = [];
  for (const { block } of locations) {
    const status = block?.find(({ name }) => name === 'stub_status' || name === 'api');
    if (!block || !status) continue;
    const writes = status.name === 'api' && status.args.some(({ value }) => value === 'write=on');
    const guarded = isGuarded(block) || isGuarded(around);
    note(
      endpoint,
      'admin',
      guarded ? 'enforced' : 'not-enforced',
      `${status.name}${writes ? ' write=on' : ''}`,
      status.range,
    );
    if (guarded) continue;
    weaknesses.push({
      kind: 'admin-exposed',
      severity: writes ? 'error' : 'info',
      message: writes
        ? 'Everybody may change the upstreams (api write=on): who reaches it answers in place of the model. Let nobody in but those who have to (allow, deny all).'
        : `Shows everybody how much the server is used (${status.name}). Let nobody in but those who have to (allow, deny all).`,
      range: status.nameRange,
    });
  }
  return weaknesses;
}
