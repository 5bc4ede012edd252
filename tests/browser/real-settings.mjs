// The settings on the real server.  Without this test a rotated key or a moved
// Jellyfin could leave a household without recommendations or logins.
import { finish, ok } from "./check.mjs";
import { browser, everything, kinds, leave, secret, startServer, startServices,
	state, visit, enter } from "./household.mjs";
import { fillConnections, save, says, testConnections, toSave, visible }
	from "./flows.mjs";

const en = (await import("../../html/js/strings/en.js")).default;
const services = await startServices();
const rotated = "canary-rotated-key-abcd";
const server = await startServer(services);
const saved = () => server.query("SELECT jellyfinUrl, jellyseerrApiKey, " +
	"geminiApiKey FROM SystemConfig");
const page = await visit(server, "/setup.html");
await page.click("#fresh");
await fillConnections(page, everything(services));
await toSave(page);
await save(page);
await enter(page, "jesse");
await visible(page, "#who");
await page.click("text=Settings");
await page.waitForURL("**/settings.html");

// A new key: a wrong one first.
ok(await visible(page, "#editor") && (await page.inputValue(
	"#field-jellyfinUrl")) === services.jellyfin.url, "what is saved is shown");
ok((await page.inputValue("#field-geminiApiKey")) === "" &&
	await says(page, "#services", "6789"), "a key by its last four only");
await state(page, "settings");
await services.gemini.tell("state", { key: rotated });
await page.click("#test");
ok(await says(page, "#result-gemini", "refused the API key"),
	"the old key does not work any more",
	await page.textContent("#result-gemini"));
await fillConnections(page, { geminiApiKey: rotated });
ok(await testConnections(page) && (await kinds(page)) === "ok ok ok",
	"the new one does; the kept ones still do", await kinds(page));
await page.click("#send");
ok(await says(page, ".toast", en.settings.saved), "saved");
ok(saved() === `${services.jellyfin.url}|${secret.seerr}|${rotated}`,
	"the new key is in the database, the other is kept", saved());
await state(page, "settings-saved", [...Object.values(secret), rotated]);

// A kept key and another address: an administrator may say yes.
await fillConnections(page,
	{ jellyseerrUrl: services.seerr.url.replace("127.0.0.1", "localhost") });
await page.click("#test");
ok(await visible(page, "dialog[open]"), "a moved Seerr: asked first");
await page.click("dialog[open] button:last-child");
ok(await says(page, "#result-jellyseerr", en.connect.ok),
	"a moved Seerr: yes takes the key along",
	await page.textContent("#services"));

// Jellyfin has moved.
const moved = services.jellyfin.url.replace("127.0.0.1", "localhost");
await fillConnections(page, { jellyfinUrl: moved });
ok(await says(page, ".change", services.jellyfin.url) &&
	await says(page, ".change", moved) &&
	await says(page, ".change", en.connect.whyAddress),
"Jellyfin: old and new address, and why it matters");
await testConnections(page);
await state(page, "settings-moved", [...Object.values(secret), rotated]);
await page.click("#send");
ok(await says(page, ".toast", en.settings.saved) &&
	saved().startsWith(`${moved}|${secret.seerr}`), "Jellyfin: moved", saved());

// What a server must not be asked for.
await fillConnections(page, { jellyfinUrl: "http://169.254.169.254/" });
await page.click("#test");
ok(await says(page, "#result-jellyfin", en.connect.bad),
	"no cloud's metadata", await page.textContent("#result-jellyfin"));
await page.click("#send");
ok(await visible(page, "dialog[open]"), "what failed is asked about");
await page.keyboard.press("Escape");
ok(saved().startsWith(`${moved}|`), "Escape saves nothing");
await page.reload();
ok(await visible(page, "#editor") &&
	(await page.inputValue("#field-jellyfinUrl")) === moved,
"a reload shows what is saved");
ok(page.faults.length === 0, "no fault", page.faults);
await leave(page);

// The new address is in use.
const member = await visit(server, "/login.html");
await enter(member, "bob");
ok(await visible(member, "#who"), "people log in at the new address");
await leave(member);

await server.close();
await browser.close();
await services.close();
finish();
