// What people do with their lists on the real server: read them from Jellyfin
// after a total loss, take them away, bring them back.  Without this test one
// of these ways could lose titles, or give one person those of another.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { finish, ok } from "./check.mjs";
import { archives, browser, build, enter, leave, secret, settled,
	startServices, state, titlesOf, visit } from "./household.mjs";
import { chooseFile, says, visible } from "./flows.mjs";

const en = (await import("../../html/js/strings/en.js")).default;
const services = await startServices();

async function download(page, button) {
	const [file] = await Promise.all([page.waitForEvent("download"),
		page.click(button)]);
	const path = await file.path();
	execFileSync(`${build}/jair-init`, ["verify", path], { stdio: "pipe" });
	const buffer = readFileSync(path);
	return { name: file.suggestedFilename(), buffer,
		whole: JSON.parse(buffer) };
}

// Everything is lost: what Jellyfin knows is read in.
async function afterTotalLoss(server, page) {
	ok(titlesOf(server, "jesse") === 0, "total loss: nothing is there");
	server.hold("jair-jobs");
	await page.click("#sync");
	ok(await visible(page, "#way"), "sync: said to be under way");
	await state(page, "syncing");
	await page.reload();
	ok(await visible(page, "#way"), "sync: a reload finds it again");
	server.letGo("jair-jobs");
	ok(await says(page, "#done", "5 looked at: 4 new"), "sync: the counts",
		await page.textContent("main"));
	ok(titlesOf(server, "jesse") === 4, "sync: the titles are there");
	ok(await says(page, "#done", "Home video"),
		"sync: what could not be kept is named",
		await page.textContent("#done"));
	await state(page, "synced");
	await page.click("#sync");
	ok(await says(page, "#done", "0 new"), "sync: a second brings nothing");
	ok(titlesOf(server, "jesse") === 4, "sync: and takes nothing");
	await services.jellyfin.tell("lie",
		{ lie: "login-page", at: "/Items" });
	await page.click("#sync");
	ok(await says(page, "#trouble", en.home.syncingFailed.what) &&
		await says(page, "#trouble", "Jellyfin"),
	"sync: a proxy instead of Jellyfin is said",
	await page.textContent("#trouble"));
	await state(page, "sync-failed");
	await services.jellyfin.tell("lie", []);
}

// Out of this jair and in again.
async function exportAndImport(server, page) {
	const mine = await download(page, "#export");
	ok(mine.whole.users.length === 1 && !mine.whole.system_config,
		"export: one person, no keys");
	ok(/^[\w.-]+\.json$/.test(mine.name), "export: a name", mine.name);
	const all = await download(page, "#export-all");
	ok(all.whole.system_config.jellyfinUrl === services.jellyfin.url,
		"export of everything: with the settings");
	const before = titlesOf(server, "jesse");
	server.query("DELETE FROM UserMedia");
	await chooseFile(page, mine, "#import");
	ok(await says(page, "#done", `${before} new`), "import: the counts",
		await page.textContent("main"));
	ok(titlesOf(server, "jesse") === before, "import: all titles are back");
	await state(page, "imported");
	await chooseFile(page, mine, "#import");
	ok(await says(page, "#done", `${before} here already`),
		"import: again changes nothing", await page.textContent("#done"));
	return { before, all };
}

// Files that do not fit.
async function wrongImports(server, page, before) {
	const text = readFileSync(`${archives}/v2.8.10-user-jesse.json`);
	const half = text.subarray(0, text.length / 2);
	const line = half.toString("latin1").split("\n").length;
	await chooseFile(page, { name: "half.json", buffer: half }, "#import");
	ok(await says(page, "#trouble", `line ${line}`) &&
		await says(page, "#trouble", en.home.importingFailed.data),
	`import: a broken file, with its line (${line})`,
	await page.textContent("#trouble"));
	await state(page, "import-broken");
	await chooseFile(page, `${archives}/v2.8.10-user-obrien.json`, "#import");
	ok(await says(page, "#trouble", "o'brien"),
		"import: not the lists of another",
		await page.textContent("#trouble"));
	ok(titlesOf(server, "jesse") === before, "import: nothing was changed");
	await chooseFile(page, `${archives}/v2.8.10-user-jesse.json`, "#import");
	ok(await visible(page, "#done") && titlesOf(server, "jesse") > before,
		"import: then a good one", await page.textContent("main"));
}

// One who is no administrator takes their part of everything.
async function member(server, all) {
	const page = await visit(server, "/login.html");
	await enter(page, "bob");
	await visible(page, "#who");
	ok(await page.isHidden("#export-all"),
		"member: no export of everything");
	await chooseFile(page, all, "#import");
	ok(await says(page, "#trouble", "bob"), "member: nothing of others",
		await page.textContent("main"));
	await chooseFile(page, `${archives}/v1-strings-database.json`,
		"#import");
	ok(await says(page, "#done", "Twin Peaks"), "member: what has no id is " +
		"named", await page.textContent("main"));
	await page.goto(`${server.url}/settings.html`);
	ok(await visible(page, "#denied"), "member: no settings");
	await state(page, "settings-denied");
	await leave(page);
}

async function wrongPassword(server) {
	const page = await visit(server, "/login.html");
	await page.fill("#username", "bob");
	await page.fill("#password", `${secret.password}-wrong`);
	await page.click("#send");
	ok(await says(page, "#trouble", en.errors.login_failed.act),
		"login: a wrong password is said",
		await page.textContent("#trouble"));
	await state(page, "login-wrong");
	await leave(page);
}

const { server, page } = await settled(services);
await afterTotalLoss(server, page);
const { before, all } = await exportAndImport(server, page);
await wrongImports(server, page, before);
await leave(page);
await member(server, all);
await wrongPassword(server);
await server.close();
await browser.close();
await services.close();
finish();
