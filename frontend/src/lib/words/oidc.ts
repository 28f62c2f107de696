/** What the sign-in page says of the team's own provider of identities. */

import { translated } from '../translated.ts';

const REFUSALS: Record<string, (name: string) => string> = {
  oidc_off: () => 'Single sign-on is not set up here. Sign in with email and password.',
  oidc_unavailable: (name) => `${name} does not answer as it should. Try again in a moment.`,
  oidc_expired: () => 'That took too long, or began in another browser. Try again from here.',
  oidc_denied: (name) => `${name} did not let you through, or you stopped there.`,
  oidc_refused: (name) => `What ${name} sent back did not pass the checks. Try again; the log has the reason.`,
  oidc_no_email: (name) => `${name} tells no verified email address of yours, so your account cannot be found.`,
  oidc_not_invited: () => 'You have no account here yet. Ask an admin to invite the email address you sign in with.',
  oidc_other_identity: (name) => `Your email address belongs to an account that ${name} knows as somebody else.`,
  oidc_disabled: () => 'Your account is disabled. An admin can enable it again.',
  too_many_requests: () => 'There were too many attempts to sign in from your address. Wait a minute.',
};

export const oidcWords = {
  signIn: (name: string) => `Sign in with ${name}`,
  or: 'or',
  /** Why the way through the provider ended here, from the code in the address. */
  refusal: (code: string, name: string | null) =>
    (REFUSALS[code] ?? (() => 'That did not work. Try again in a moment.'))(name ?? 'The sign-in service'),
};
translated('oidc', oidcWords);
