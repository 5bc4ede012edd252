// The first page, in a real browser: each state, both colours, both widths.
import { readFileSync, writeFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const { JAIR_URL: url, JAIR_DATA: data, JAIR_CHROMIUM: program } = process.env;
const axeSource = readFileSync(
	createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const en = (await import("../../html/js/strings/en.js")).default;
const de = (await import("../../html/js/strings/de.js")).default;

let count = 0;
let failed = 0;
function ok(passed, name, note) {
	count++;
	if (!passed)
		failed++;
	console.log(`${passed ? "ok" : "not ok"} ${count} - ${name}`);
	if (!passed && note !== undefined)
		console.log(`# ${JSON.stringify(note)}`);
}

function bootState(state, step, message) {
	writeFileSync(`${data}/.jair.boot`,
		`${state}\n2026-01-05T10:30:00.037Z\n${step}\n${message}\n`);
}

const browser = await chromium.launch({
	executablePath: program,
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync"],
});

async function open(options = {}) {
	const context = await browser.newContext({
		locale: "en-GB", colorScheme: "dark",
		viewport: { width: 1280, height: 900 }, ...options,
	});
	const page = await context.newPage();
	page.faults = [];
	page.on("pageerror", (e) => page.faults.push(String(e)));
	page.on("console", (m) => {
		if (m.type() === "error" && !/Failed to load resource/.test(m.text()))
			page.faults.push(m.text());
	});
	await page.goto(url);
	return page;
}

// Until an element says so; asked from outside, since the page's policy
// admits no evaluated script.
async function says(page, id, words) {
	const end = Date.now() + 15000;
	while ((await page.textContent(id)) !== words) {
		if (Date.now() > end)
			return false;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return true;
}
const headline = (page, words) => says(page, "#head-word", words);

async function violations(page) {
	// By way of the debugger: the page's policy admits no foreign script.
	await page.evaluate(axeSource);
	const result = await page.evaluate(() => globalThis.axe.run(document));
	return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) =>
		n.target.join(" ")).join(", ")}`);
}

const sizes = { 390: { width: 390, height: 844 },
	1280: { width: 1280, height: 900 } };

// Every look of one state: pictures, no sideways scrolling, axe.
async function inspect(name, words) {
	for (const [width, viewport] of Object.entries(sizes)) {
		for (const colorScheme of ["dark", "light"]) {
			const label = `${name} ${width} ${colorScheme}`;
			const page = await open({ viewport, colorScheme });
			ok(await headline(page, words), `${label}: says "${words}"`,
				await page.textContent("#head-word"));
			const wide = await page.evaluate(() =>
				document.documentElement.scrollWidth - innerWidth);
			ok(wide <= 0, `${label}: nothing scrolls sideways`, wide);
			const bad = await violations(page);
			ok(bad.length === 0, `${label}: axe finds nothing`, bad);
			ok(page.faults.length === 0, `${label}: no script fault`,
				page.faults);
			await page.screenshot({ fullPage: true, path:
				`build/screens/${name}-${width}-${colorScheme}.png` });
			await page.context().close();
		}
	}
}

function keysOf(o, prefix = "") {
	return Object.entries(o).flatMap(([k, v]) =>
		v && typeof v === "object" && !Array.isArray(v) ?
			keysOf(v, `${prefix}${k}.`) : [`${prefix}${k}`]).sort();
}
ok(JSON.stringify(keysOf(en)) === JSON.stringify(keysOf(de)),
	"strings: every language has the same keys");

await inspect("ready", en.headReady);

{
	const page = await open();
	await headline(page, en.headReady);
	const facts = await page.textContent("#facts");
	ok(/Version 0\.\d+\.\d+/.test(facts.replace(/\s+/g, " ")),
		"ready: shows the version", facts);
	ok((await page.textContent("#setup .word")) === en.notConfigured,
		"ready: setup is shown as not done");
	ok((await page.textContent("#setup .more")).includes("saved at each"),
		"ready: says that data is saved without setup");
	const small = await page.$$eval("button:not([hidden]), summary, a.button",
		(nodes) => nodes.filter((n) => n.offsetParent !== null)
			.map((n) => n.getBoundingClientRect())
			.filter((r) => r.width < 44 || r.height < 44).length);
	ok(small === 0, "targets: none under 44 px", small);

	// The keyboard alone: language, then colours.
	await page.keyboard.press("Tab");
	const first = await page.evaluate(() => document.activeElement.id);
	ok(first === "language", "keyboard: first stop is the language", first);
	const outline = await page.evaluate(() =>
		getComputedStyle(document.activeElement).outlineStyle);
	ok(outline === "solid", "keyboard: the focus is visible", outline);
	await page.keyboard.press("Enter");
	ok((await page.textContent("#head-word")) === de.headReady,
		"keyboard: Enter changes the language");
	ok((await page.getAttribute("html", "lang")) === "de",
		"language: the document says which");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Space");
	const bg = () => page.evaluate(() =>
		getComputedStyle(document.body).backgroundColor);
	ok((await bg()) === "rgb(245, 246, 251)",
		"keyboard: Space changes the colours", await bg());
	await page.reload();
	ok(await headline(page, de.headReady), "reload: language is kept");
	ok((await bg()) === "rgb(245, 246, 251)", "reload: colours are kept");
	await page.context().close();
}
{
	const page = await open({ javaScriptEnabled: false });
	ok((await page.textContent("main")).includes("web server answers"),
		"no scripts: the page says what it knows");
	ok(await page.isVisible("noscript p"), "no scripts: and why not more");
	await page.screenshot({ path: "build/screens/noscript-1280.png" });
	await page.context().close();
}
{
	const page = await open({ reducedMotion: "reduce" });
	const seconds = await page.evaluate(() => getComputedStyle(
		document.getElementById("theme")).transitionDuration);
	ok(seconds === "0s", "reduced motion: nothing moves", seconds);
	await page.context().close();
}
{
	const page = await open();
	let bytes = 0;
	page.on("response", async (r) => {
		bytes += (await r.body().catch(() => "")).length;
	});
	await page.reload();
	await headline(page, en.headReady);
	await page.waitForLoadState("networkidle");
	ok(bytes > 0 && bytes < 100000, "size: under 100 kB in all", bytes);
	await page.goto(`${url}/nothing-here`);
	ok((await page.textContent("main")).includes("no page at this address"),
		"404: a page of ours");
	const bad = await violations(page);
	ok(bad.length === 0, "404: axe finds nothing", bad);
	await page.context().close();
}

// One page stays open and follows what happens, without a reload.
const watcher = await open();
await headline(watcher, en.headReady);

bootState("failed", "schema", "Cannot write ./data/dev.db: No space left");
await inspect("not-ready", en.headNotReady);
{
	const page = await open();
	await headline(page, en.headNotReady);
	const text = await page.textContent("#head");
	const r = en.reasons.boot_failed;
	ok(text.includes(r.what) && text.includes(r.data) && text.includes(r.act),
		"not ready: what, what it means, what to do", text);
	await page.click("summary");
	ok((await page.textContent("#details-text")).includes("No space left"),
		"not ready: details name the cause on this machine");
	await page.screenshot({ path: "build/screens/not-ready-details.png" });
	await page.context().close();
}
for (const state of ["running", ""]) {
	if (state)
		bootState(state, "snapshot", "");
	else
		rmSync(`${data}/.jair.boot`);
	const page = await open();
	await headline(page, en.headNotReady);
	const r = en.reasons[state ? "boot_running" : "boot_unknown"];
	ok((await page.textContent("#head-text")).includes(r.what),
		`not ready: boot ${state || "unknown"} has its own words`);
	await page.context().close();
}

process.kill(Number(process.env.JAIR_API_PID), "SIGTERM");
await inspect("gone", en.headGone);
ok(await headline(watcher, en.headGone),
	"watcher: an open page sees by itself that the service has gone");
process.kill(Number(process.env.JAIR_NGINX_PID), "SIGTERM");
ok(await says(watcher, "#head-text", en.offlineText),
	"watcher: and that the web server has gone",
	await watcher.textContent("#head-text"));
await watcher.screenshot({ path: "build/screens/offline-1280-dark.png" });
ok(watcher.faults.length === 0, "watcher: no script fault", watcher.faults);

await browser.close();
console.log(`1..${count}`);
process.exit(failed ? 1 : 0);
