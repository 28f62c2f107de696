// A real OpenID Connect provider for the tests: `node provider.js PORT REDIRECT_URI…`. Whoever signs in is who they say.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Provider } from 'oidc-provider';

const [port, ...redirectUris] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'reelhook', client_secret: 'not:so secret', redirect_uris: redirectUris }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'first' }] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@Example.com`, email_verified: !id.startsWith('unverified') }),
  }),
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
