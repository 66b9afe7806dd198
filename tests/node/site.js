// `node site.js '{"url", "pages", "search", "shots", "width", "height", "dark"}'`: a reader of the built site in a real
// browser: each page, then a search. What was asked for, what went wrong, and what the search found, as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const asked = JSON.parse(process.argv[2]);
const profile = mkdtempSync(join(tmpdir(), 'site-'));
const seen = { requests: [], problems: [], wide: [], found: {} };
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  timeout: 120_000, // a browser takes its time to start on a busy machine
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
  colorScheme: asked.dark ? 'dark' : 'light',
  viewport: { width: asked.width ?? 1280, height: asked.height ?? 900 },
});
try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(60_000);
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('pageerror', (error) => seen.problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') seen.problems.push(message.text());
  });
  for (const name of asked.pages) {
    await page.goto(`${asked.url}/${name}`);
    // What sticks out on the side where a line begins is not scrolled to: of a page in two directions each element is looked at.
    const isWide = () => {
      const { scrollWidth, clientWidth } = document.documentElement;
      const sticksOut = ({ left, right }) => left < -1 || right > clientWidth + 1;
      return scrollWidth > clientWidth || [...document.querySelectorAll('.half *')].some((one) => sticksOut(one.getBoundingClientRect()));
    };
    if (await page.evaluate(isWide)) seen.wide.push(name);
    if (asked.shots) await page.screenshot({ path: join(asked.shots, `${name.replaceAll('/', '-')}.png`) });
  }
  for (const [language, words] of asked.search ?? []) {
    await page.goto(`${asked.url}/${language}/index.html`);
    if (page.viewportSize().width < 960) await page.click('.md-header label[for="__search"]');
    await page.locator('[data-md-component=search-query]').click();
    const isReady = () => /Type to start|تایپ کنید/.test(document.querySelector('.md-search-result__meta').textContent);
    await page.waitForFunction(isReady); // what is typed before the index is there is lost
    await page.keyboard.insertText(words);
    await page.keyboard.press('End');
    await page.waitForSelector('.md-search-result__link');
    seen.found[words] = await page.locator('.md-search-result__link').evaluateAll((all) => all.map((one) => one.href));
    if (asked.shots) await page.screenshot({ path: join(asked.shots, `search-${language}.png`) });
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(JSON.stringify(seen));
