// `node explore.js '{"url", "key", "dataset", "kind", "dark", "hasty", "width", "height", "shot"}'`: a person at /explore
// in a real browser, and what was seen, as JSON. Nothing but the service may be reached. Who is hasty looks before
// the editors are there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const asked = JSON.parse(process.argv[2]);
const profile = mkdtempSync(join(tmpdir(), 'explore-'));
const seen = { requests: [], problems: [] };
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  timeout: 120_000, // a browser takes its time to start on a busy machine
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
  colorScheme: asked.dark ? 'dark' : 'light',
  locale: asked.locale ?? 'en-US',
  viewport: { width: asked.width ?? 1400, height: asked.height ?? 900 },
});
try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(60_000);
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('pageerror', (error) => seen.problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') seen.problems.push(message.text());
  });
  let editorsMayCome;
  const looked = new Promise((resolve) => (editorsMayCome = resolve));
  if (asked.hasty) {
    await page.route('**/explore/monaco-editor-*.js', async (route) => {
      await looked;
      await route.continue();
    });
  }
  await page.goto(`${asked.url}/explore`);
  await page.fill('#key', asked.key);
  await page.waitForFunction((id) => document.querySelector(`#dataset option[value="${id}"]`), asked.dataset);
  await page.selectOption('#dataset', asked.dataset);
  const example = page.locator(`[data-example="${asked.kind}"]`);
  await example.waitFor();
  if (asked.hasty) seen.couldChoose = await example.isEnabled();
  editorsMayCome();
  await example.click();
  const operation = asked.kind[0].toUpperCase() + asked.kind.slice(1);
  await page.waitForFunction((name) => document.querySelector('#price').dataset.operation === name, operation);
  seen.price = Number(await page.getAttribute('#price', 'data-cost'));
  const isData = (answer) => answer.url().endsWith('/graphql') && !answer.request().postData().includes('dryRun');
  const run = async (act) => {
    const [answer] = await Promise.all([page.waitForResponse(isData), act()]);
    return answer.json();
  };
  // The page draws an answer some time after it has it, and empties its window before: the first value tells which is shown.
  const firstValue = (part) => (part !== null && typeof part === 'object' ? firstValue(Object.values(part)[0]) : part);
  const isShown = (answer) =>
    page.waitForFunction(
      (text) => document.querySelector('.result-window')?.textContent.replaceAll('\u00a0', ' ').includes(text),
      JSON.stringify(firstValue(answer.data)),
    );
  seen.answer = await run(() => page.click('.graphiql-execute-button'));
  await isShown(seen.answer);
  if (asked.shot) {
    await page.waitForTimeout(1500); // the editors colour and fold after they have the text
    await page.screenshot({ path: asked.shot });
  }
  if (asked.next) {
    seen.next = await run(() => page.click('#next'));
    await isShown(seen.next);
  }
  seen.shown = (await page.textContent('.result-window')).replaceAll('\u00a0', ' ');
  seen.address = page.url();
  seen.stored = await page.evaluate(() => ({ local: { ...localStorage }, cookies: document.cookie }));
  const other = await browser.newPage();
  await other.goto(`${asked.url}/explore`);
  seen.keyInOtherTab = await other.inputValue('#key');
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
process.stdout.write(JSON.stringify(seen));
