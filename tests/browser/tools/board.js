// Lets Lighthouse look at a page in a Chromium that is open already and signed in.
// node board.js ADDRESS DEBUGGING_PORT CATEGORY,… → one line of JSON: scores from 0 to 100, and what was found at fault.
import lighthouse from 'lighthouse';
import desktop from 'lighthouse/core/config/desktop-config.js';

const [address, port, categories] = process.argv.slice(2);
const flags = {
  port: Number(port),
  onlyCategories: categories.split(','),
  disableStorageReset: true,
  logLevel: 'error',
};
const { lhr } = await lighthouse(address, flags, desktop);
if (lhr.runtimeError !== undefined) throw new Error(lhr.runtimeError.message);

const scores = {};
const faults = [];
for (const [name, { score, auditRefs }] of Object.entries(lhr.categories)) {
  scores[name] = Math.round(score * 100);
  for (const { id, weight } of auditRefs) {
    const { score: one, title, details } = lhr.audits[id];
    if (weight > 0 && one !== null && one < 1) {
      faults.push(`${id}: ${title} ${JSON.stringify(details?.items ?? []).slice(0, 600)}`);
    }
  }
}
console.log(JSON.stringify({ address: lhr.finalDisplayedUrl, lighthouse: lhr.lighthouseVersion, scores, faults }));
