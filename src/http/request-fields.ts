import type { Target } from './key.ts'

/**
 * Fields that say who asks, as `Authorization` does: what is answered to one of them is for nobody else (RFC 9111 §3.5). The source
 * of each group stands beside it.
 */
export const CREDENTIALS: readonly string[] = [
  // RFC 9110 §11.7.2, RFC 9449
  'proxy-authorization dpop',
  // Customary for keys and tokens of APIs; Google's, Azure's (API Management, Functions), Cloud Run's
  'x-api-key api-key apikey x-auth-token x-access-token x-session-token x-goog-api-key ocp-apim-subscription-key x-functions-key x-serverless-authorization',
  // Cloudflare Access
  'cf-access-jwt-assertion cf-access-client-id cf-access-client-secret cf-access-token cf-access-authenticated-user-email',
  // Google Identity-Aware Proxy
  'x-goog-iap-jwt-assertion x-goog-authenticated-user-email x-goog-authenticated-user-id',
  // AWS: Application Load Balancer, signed requests
  'x-amzn-oidc-data x-amzn-oidc-identity x-amzn-oidc-accesstoken x-amz-security-token',
  // Azure App Service, Static Web Apps
  'x-ms-client-principal x-ms-client-principal-id x-ms-client-principal-name x-ms-token-aad-id-token x-ms-token-aad-access-token',
  // oauth2-proxy, Traefik's and nginx's forward authentication, Authelia
  'x-forwarded-user x-forwarded-email x-forwarded-groups x-forwarded-preferred-username x-forwarded-access-token',
  'x-auth-request-user x-auth-request-email x-auth-request-groups x-auth-request-preferred-username x-auth-request-access-token',
  'remote-user remote-email remote-groups remote-name x-remote-user x-user-id x-user-email x-webauth-user',
  // Certificates of clients: Envoy, AWS, Azure, nginx, RFC 9440
  'x-forwarded-client-cert x-amzn-mtls-clientcert x-arr-clientcert x-ssl-client-cert x-client-cert client-cert',
].flatMap((names) => names.split(' '))

/** Nothing that it could say is harmless. */
const NEVER = '\0'

/** What a field that an application may believe instead of the URL must say to be harmless. */
type Expected = (target: Target, method: string) => string

const host: Expected = (target) => target.host
const scheme: Expected = (target) => target.scheme
const isSecure: Expected = (target) => (target.scheme === 'https' ? 'on' : 'off')
const path: Expected = (target) => target.path
const pathAndQuery: Expected = (target) => target.path + target.query
const prefix: Expected = () => ''
const never: Expected = () => NEVER

/** Fields that some applications and frameworks believe instead of the URL. */
const RULES: readonly (readonly [expected: Expected, names: string])[] = [
  // Proxies: nginx, Apache, HAProxy, Envoy, Traefik
  [host, 'x-host x-forwarded-host x-forwarded-server x-original-host x-http-host-override x-host-override'],
  [scheme, 'x-forwarded-proto x-forwarded-protocol x-forwarded-scheme x-scheme x-url-scheme'],
  // Microsoft's Front-End-Https, GitLab's and Rack's X-Forwarded-Ssl
  [isSecure, 'x-forwarded-ssl front-end-https'],
  // Cloudflare, CloudFront
  [({ scheme: one }) => JSON.stringify({ scheme: one }), 'cf-visitor'],
  [scheme, 'cloudfront-forwarded-proto'],
  [({ host: one, scheme: other }) => /:(\d+)$/.exec(one)?.[1] ?? (other === 'https' ? '443' : '80'), 'x-forwarded-port'],
  // IIS, Symfony, Zend; ingress-nginx, Traefik
  [pathAndQuery, 'x-original-url x-original-uri x-rewrite-url x-override-url x-forwarded-uri x-forwarded-url'],
  [path, 'x-original-path x-forwarded-path x-replaced-path x-invoke-path x-matched-path'],
  [prefix, 'x-forwarded-prefix x-script-name x-base-url base-url'],
  [(_, method) => method, 'x-http-method-override x-http-method x-method-override'],
  // Next's and Vercel's own, which clients have sent before
  [never, 'x-middleware-subrequest x-middleware-prefetch x-middleware-rewrite x-nextjs-data x-now-route-matches x-invoke-query x-invoke-output'],
]

const EXPECTED: ReadonlyMap<string, Expected> = new Map(
  RULES.flatMap(([expected, names]) => names.split(' ').map((name): [string, Expected] => [name, expected])),
)

/** The fields that applications believe. */
export const BELIEVED: readonly string[] = [...EXPECTED.keys()]

/** Whether a field says something else than the runtime reports. @param name one that is believed; of an unknown one every value may matter */
export function isContradicting(name: string, value: string, target: Target, method: string): boolean {
  const expected = (EXPECTED.get(name) ?? never)(target, method)
  return name === 'cf-visitor' ? value.replaceAll(' ', '') !== expected : value !== expected
}
