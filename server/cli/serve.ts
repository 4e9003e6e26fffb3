import { fleetPrograms } from './fleetPrograms.ts';
import type { Command } from './io.ts';
import { commonHelp } from './options.ts';

const help = `Usage: weighbridge serve [OPTION...]

Answers "may this model be loaded, or promoted?" from what a fleet has found, to clients that show a certificate or a token, and to
Kubernetes as a validating webhook. What the fleet does not know, could not scan or did not see whole is denied.

  GET, POST /v1/decisions   model: an address, or sha256:DIGEST; purpose: load (default) or promote
  POST /v1/admission        AdmissionReview of admission.k8s.io/v1
  GET /metrics              OpenMetrics
  GET /healthz, /readyz     without credentials

Options:
  --listen HOST:PORT        Default: 127.0.0.1:8443
  --store STORE             An SQLite file, or postgres://...; default: $WEIGHBRIDGE_STORE, or .weighbridge/fleet.db
  --tls-certificate FILE    With its chain (PEM); read again every minute
  --tls-key FILE            Its key (PEM)
  --client-authority FILE   Clients may show certificates that these authorities signed (PEM)
  --client-name NAME        Only certificates of these names; may be repeated
  --oidc-issuer URL         Clients may show tokens of this issuer
  --oidc-audience NAME      What tokens must be meant for
  --oidc-subject SUBJECT    Only tokens of these subjects; may be repeated
  --oidc-keys FILE          The issuer's keys (JWKS); default: what the issuer publishes
  --no-authentication       Everybody may ask: only on this machine
  --plain-http              Without TLS: only on this machine, or with tokens behind a proxy that has it
  --rate N                  Requests of one client in a second; default 100
  --deny-load LEVEL         From which severity on a finding denies loading: error (default), warning or info
  --deny-promote LEVEL      The same for promoting; default: warning
  --map FROM=TO             What clients call FROM, the fleet knows as TO (pvc://models=file:///mnt/models); may be repeated

${commonHelp}
Examples:
  weighbridge serve --no-authentication --plain-http
  weighbridge serve --listen 0.0.0.0:8443 --tls-certificate tls.crt --tls-key tls.key --client-authority ca.crt
`;

export const serve: Command = {
  help,
  async run(args, io) {
    return (await fleetPrograms()).serveAction(args, io);
  },
};
