// What the browser tests share: TAP, the browser, and what every state of a
// page must hold.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeSource = readFileSync(
	createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let count = 0;
let failed = 0;

export function ok(passed, name, note) {
	count++;
	if (!passed)
		failed++;
	console.log(`${passed ? "ok" : "not ok"} ${count} - ${name}`);
	if (!passed && note !== undefined)
		console.log(`# ${JSON.stringify(note)}`);
	return passed;
}

export function finish() {
	console.log(`1..${count}`);
	process.exit(failed ? 1 : 0);
}

export const launch = (program, more = []) => chromium.launch({
	executablePath: program,
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", ...more],
});

// A page in a browser of its own.  It keeps its faults, and each address on
// another host.
export async function open(browser, url, options = {}) {
	const context = await browser.newContext({
		locale: "en-GB", timezoneId: "UTC", colorScheme: "dark",
		viewport: { width: 1280, height: 900 }, ...options,
	});
	const page = await context.newPage();
	page.setDefaultTimeout(10000);
	page.faults = [];
	const host = new URL(url).host;
	page.on("pageerror", (e) => page.faults.push(String(e)));
	page.on("console", (m) => {
		if (m.type() === "error" && !/Failed to load resource/.test(m.text()))
			page.faults.push(m.text());
	});
	page.on("request", (r) => {
		if (/^(https?|wss?):/.test(r.url()) && new URL(r.url()).host !== host)
			page.faults.push(`asked another host: ${r.url()}`);
	});
	await page.goto(url);
	return page;
}

// Until it holds; asked from outside, since the page's policy admits no
// evaluated script.
export async function until(check, seconds = 10) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		if (await check())
			return true;
		if (Date.now() > end)
			return false;
		await new Promise((resolve) => setTimeout(resolve, 40));
	}
}

export async function violations(page) {
	// By way of the debugger: the page's policy admits no foreign script.
	await page.evaluate(axeSource);
	const result = await page.evaluate(() => globalThis.axe.run(document, {
		rules: { "color-contrast-enhanced": { enabled: true },
			"target-size": { enabled: true } },
	}));
	return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) =>
		`${n.target.join(" ")} ${n.any[0]?.message || ""}`).join(", ")}`);
}

const sizes = { 390: { width: 390, height: 844 },
	1280: { width: 1280, height: 900 } };

async function small(page) {
	return page.$$eval("button, a.button, summary, select, input, .check, " +
		".choice, .steps a[href], .foot a", (nodes) => nodes
		.filter((n) => n.offsetParent !== null &&
			!n.classList.contains("unseen") && n.type !== "checkbox")
		.map((n) => [n.id || n.textContent, n.getBoundingClientRect()])
		.filter(([, r]) => r.width < 43.9 || r.height < 43.9)
		.map(([name, r]) => `${name} ${r.width}x${r.height}`));
}

// What must hold in each state, in both widths and both colours; pictures go
// to build/screens.
export async function inspect(page, name, colours = ["dark", "light"]) {
	mkdirSync("build/screens", { recursive: true });
	for (const [width, viewport] of Object.entries(sizes)) {
		await page.setViewportSize(viewport);
		for (const colorScheme of colours) {
			const label = `${name} ${width} ${colorScheme}`;
			await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			const bad = await violations(page);
			ok(bad.length === 0, `${label}: axe finds nothing`, bad);
			await page.screenshot({ fullPage: true, animations: "disabled",
				path: `build/screens/${name}-${width}-${colorScheme}.png` });
		}
		const wide = await page.evaluate(() =>
			document.documentElement.scrollWidth - innerWidth);
		ok(wide <= 0, `${name} ${width}: nothing scrolls sideways`, wide);
		const tiny = await small(page);
		ok(tiny.length === 0, `${name} ${width}: no target under 44 px`,
			tiny);
	}
	const said = await page.innerText("body");
	ok(!/undefined|NaN|null|\[object|\{\w+\}/.test(said),
		`${name}: no word is missing`, said);
	await page.emulateMedia({ colorScheme: "dark", reducedMotion: null });
	ok(page.faults.length === 0, `${name}: no script fault, no other host`,
		page.faults);
}
