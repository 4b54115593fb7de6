import { closeViewer, describeWithBrowser } from '../support/browser';
import { useTempFolder } from '../support/files';
import { makeGallery, type Painted, paintFace } from '../support/gallery';

const temp = useTempFolder();
const PHOTO: Painted = { width: 60, height: 60, box: { top: 10, right: 50, bottom: 50, left: 10 } };

/** What people, cameras and enemies call photos. */
const NAMES = [
  '<img src=x onerror=alert(1)>.jpg',
  '<script>alert(2)<!--.jpg',
  '"><svg onload=alert(3)>.jpg',
  "');alert(4);('.jpg",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of the things that must not be run
  '${alert(5)} `alert(6)` {{alert(7)}}.jpg',
  'javascript:alert(8).jpg',
  '&lt;b&gt; &amp; 100%25 #1?x=1;y.jpg',
  'back\\slash.jpg',
  'line\nbreak\ttab.jpg',
  'sep\u2028arator\u2029.jpg',
  'rtl\u202egpj.exe.jpg',
  ' spaces  inside .jpg',
  'Zoë – 漢字 🎂.jpg',
  'ab e\u0301.jpg',
  '..jpg',
  '__proto__.jpg',
].filter((name) => process.platform !== 'win32' || !/[<>:"\\|?*\n\t]/.test(name));

describeWithBrowser('a file name', (browser) => {
  test('is shown as it is and leads to its photo, whatever it is made of', async () => {
    const faces = [];
    for (const name of NAMES) faces.push(await paintFace(temp(), `label0/${name}`, PHOTO));
    const { page, troubles } = await browser.open(await makeGallery(temp(), [faces]), '#person-0');
    await page.locator('.faces .name').first().waitFor();
    // On Windows, a backslash is between folders, and this file may have come from there.
    const shown = NAMES.map((name) => name.replace('back\\', ''));
    expect(await page.locator('.faces .name').allTextContents()).toEqual(shown);
    for (const [i, name] of shown.entries()) {
      await page.locator('.faces a').nth(i).click();
      await page.locator('.box').waitFor();
      expect(await page.locator('#viewer-details .name').textContent()).toBe(name);
      await closeViewer(page);
    }
    expect(await page.locator('main img[src="x"], main svg, main script').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  test('can be searched for, and is still there after a reload', async () => {
    const faces = [];
    for (const name of NAMES) faces.push(await paintFace(temp(), `label0/${name}`, PHOTO));
    const { page, troubles } = await browser.open(await makeGallery(temp(), [faces]));
    const field = page.getByLabel('Search by file name');
    for (const name of NAMES) {
      // What can be typed into one line.
      const query = name
        .replace(/^.*\\/, '')
        .replace(/[\n\t\u2028\u2029].*/s, '')
        .trim();
      await field.fill(query);
      await page.locator('h1', { hasText: `“${query}”` }).waitFor();
      await page.reload();
      await page.locator('h1', { hasText: `“${query}”` }).waitFor();
      await page.locator('.photos a[href]').waitFor();
      expect(await page.locator('.photos .name').allTextContents()).toEqual([name.replace('back\\', '')]);
      expect(await field.inputValue()).toBe(query);
    }
    expect(troubles).toEqual([]);
  });

  test('nothing from outside may run or load, even if a name could bring it in', async () => {
    const face = await paintFace(temp(), 'label0/a.jpg', PHOTO);
    const { page } = await browser.open(await makeGallery(temp(), [[face]]));
    const refused = await page.evaluate(`new Promise((resolve) => {
      const refused = [];
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        refused.push(effectiveDirective);
        if (refused.length === 4) resolve(refused.sort());
      });
      const add = (html) => document.body.append(document.createRange().createContextualFragment(html));
      add('<img src="http://127.0.0.1:9/a.png">');
      add('<script>document.title = "run"</script>');
      add('<script src="http://127.0.0.1:9/a.js"></script>');
      fetch('http://127.0.0.1:9/').catch(() => {});
    })`);
    expect(refused).toEqual(['connect-src', 'img-src', 'script-src-elem', 'script-src-elem']);
    expect(await page.title()).not.toBe('run');
  });
});
