import { rulePageUrl } from '../../rules/page.ts';
import type { ServerContext } from '../context.ts';
import type { ShowRuleArguments } from '../protocol.ts';

/** Opens a rule's page in the browser; a client that cannot do that gets the address to read. */
export async function showRule({ session }: ServerContext, { ruleId }: ShowRuleArguments): Promise<void> {
  const uri = rulePageUrl(ruleId);
  if (session.canShowDocument) await session.connection.window.showDocument({ uri, external: true });
  else session.tell(`${ruleId}: ${uri}`);
}
