import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

describe('the documentation as a site, in a real browser', { timeout: 600_000 }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-site-'));
  let browser: Browser | undefined;
  let page: Page;
  /** What the browser complains of: a script or style that the policy forbids, a picture that is not there. */
  const complaints: string[] = [];

  before(async () => {
    execFileSync(process.execPath, ['scripts/site.mjs', '--out', scratch], { cwd: repository });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    page.setDefaultTimeout(120_000);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('requestfailed', (request) => {
      // What a page had not yet fetched when the next one was opened is no failure of it.
      const { errorText } = request.failure() ?? { errorText: '' };
      if (errorText !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${errorText}`);
    });
    await page.goto(pathToFileURL(path.join(scratch, 'index.html')).href);
  });
  after(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('finds a rule by a part of its id, by the keyboard alone', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('dangerous-imp');
    const found = page.locator('#found a');
    await found.first().waitFor();
    await page
      .getByRole('status')
      .filter({ hasText: /places were found/ })
      .waitFor({ state: 'attached' });
    await page.screenshot({ path: path.join(repository, 'artifacts', 'screenshots', 'site-search.png') });
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/rules\/pickle\/dangerous-import\.html/);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await page.getByText('<!--').count(), 0, 'a comment is no text of the page');
    assert.equal(await page.locator('nav a[aria-current]').count(), 0, 'rule pages are not in the menu');
    await page.locator('header .name').click();
    await page.waitForURL(/index\.html/);
  });

  it('says when nothing is found, and goes back with Escape', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('zzzzqqq');
    await page.getByRole('status').filter({ hasText: 'Nothing was found.' }).waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#search').inputValue(), '');
  });

  it('leads to every page of its menu with pictures and without a complaint', async () => {
    const links = await page.locator('nav a').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    assert.ok(links.length > 25, String(links.length));
    for (const link of links) {
      await page.goto(link);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
    }
    assert.deepEqual(complaints, []);
  });

  it('fits a phone, in the light and in the dark', async () => {
    await page.setViewportSize({ width: 375, height: 700 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const name of ['index', 'settings', 'assistants']) {
        await page.goto(pathToFileURL(path.join(scratch, `${name}.html`)).href);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wider <= 0, `${name} is ${wider} pixels wider than the screen`);
      }
      const file = path.join(repository, 'artifacts', 'screenshots', `site-phone-${colorScheme}.png`);
      await page.screenshot({ path: file });
    }
  });

  it('is not written while a link leads nowhere', () => {
    const broken = spawnSync(process.execPath, ['--input-type=module', '-e', leads], {
      cwd: repository,
      encoding: 'utf8',
    });
    assert.equal(
      broken.stdout,
      '["scan.html#severities-and-exit-codes","../images/problems.png",null,null,null]\n',
      broken.stderr,
    );
  });
});

/** Links of a page under docs/rules/, as they are led. */
const leads = `
import { lead, readPages } from './scripts/site/pages.mjs';
const pages = readPages('.');
const from = (file) => (link) => lead(link, pages.get(file), pages, '.');
console.log(JSON.stringify([
  from('docs/editor.md')('scan.md#severities-and-exit-codes'),
  from('docs/rules/README.md')('../images/problems.png'),
  from('docs/editor.md')('scan.md#no-such-heading'),
  from('docs/editor.md')('gone.md'),
  from('docs/editor.md')('../../outside.md'),
]));
`;
