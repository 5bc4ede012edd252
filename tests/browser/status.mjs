// The status page, in a real browser, with the real server behind it: each
// state, both colours, both widths.
import { writeFileSync, rmSync } from "node:fs";
import { finish, inspect as inspectPage, launch, ok, open as openPage,
	until, violations } from "./check.mjs";

const { JAIR_URL: server, JAIR_DATA: data, JAIR_CHROMIUM: program } =
	process.env;
const url = `${server}/status.html`;
const en = (await import("../../html/js/strings/en.js")).default.status;
const de = (await import("../../html/js/strings/de.js")).default.status;

function bootState(state, step, message) {
	writeFileSync(`${data}/.jair.boot`,
		`${state}\n2026-01-05T10:30:00.037Z\n${step}\n${message}\n`);
}

const browser = await launch(program);
const open = (options) => openPage(browser, url, options);

// Until an element says so.
const says = (page, id, words) => until(async () =>
	(await page.textContent(id)) === words, 15);
const headline = (page, words) => says(page, "#head-word", words);

async function inspect(name, words) {
	const page = await open();
	ok(await headline(page, words), `${name}: says "${words}"`,
		await page.textContent("#head-word"));
	await inspectPage(page, `status-${name}`);
	await page.context().close();
}

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
	ok(await headline(page, de.headReady),
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
	await page.screenshot({ path: "build/screens/status-noscript-1280.png" });
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
	await page.goto(`${server}/nothing-here`);
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
	await page.screenshot({ path: "build/screens/status-not-ready-details.png" });
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
await watcher.screenshot({ path: "build/screens/status-offline-1280-dark.png" });
ok(watcher.faults.length === 0, "watcher: no script fault", watcher.faults);

await browser.close();
finish();
