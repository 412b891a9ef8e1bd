//! One browser window, and what a test does with it.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::wire;
use crate::{BROWSER, WEBDRIVER, setting};

/// What a headless Chromium needs on a machine without screen, network or ordinary user.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
];

/// The key under which WebDriver wraps an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How many milliseconds a script may take: less than the patience for any answer.
const SCRIPT_PATIENCE: u32 = 50_000;

/// How often a condition is looked at again.
const PAUSE: Duration = Duration::from_millis(20);

/// What a visitor looks at, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Width of the page in CSS pixels.
    pub width: u32,
    /// Height of the page in CSS pixels.
    pub height: u32,
    /// Whether the visitor prefers a dark page.
    pub dark: bool,
    /// Whether the visitor prefers that little moves.
    pub still: bool,
}

impl Screen {
    /// A light page with ordinary motion.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height, dark: false, still: false }
    }

    /// The same for someone who prefers dark pages, or not.
    pub const fn dark(self, dark: bool) -> Self {
        Self { dark, ..self }
    }

    /// The same for someone who prefers reduced motion, or not.
    pub const fn still(self, still: bool) -> Self {
        Self { still, ..self }
    }

    /// Whether this is a phone: it has a finger instead of a pointer.
    pub const fn touch(self) -> bool {
        self.width < 600 || self.height < 500
    }
}

/// One line of the browser's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `SEVERE` for errors and for everything that the page's policy refused.
    pub level: String,
    /// The text, with its source.
    pub message: String,
}

/// Something on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element(String);

/// A window of its own, with a fresh profile; closed when dropped.
#[derive(Debug)]
pub struct Browser {
    host: String,
    session: String,
}

impl Browser {
    /// Opens an empty window.
    pub fn open() -> Result<Self> {
        let driver = setting(WEBDRIVER)?;
        let host = driver.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": setting(BROWSER)?, "args": FLAGS },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": SCRIPT_PATIENCE },
        } } });
        let answer = wire::call(&host, "POST", "/session", &capabilities)?;
        let session = answer["sessionId"].as_str().context("the driver opened no session")?;
        Ok(Self { host, session: format!("/session/{session}") })
    }

    fn post(&self, path: &str, body: Value) -> Result<Value> {
        wire::call(&self.host, "POST", &format!("{}/{path}", self.session), &body)
    }

    fn get(&self, path: &str) -> Result<Value> {
        wire::call(&self.host, "GET", &format!("{}/{path}", self.session), &Value::Null)
    }

    /// A command of Chromium's own protocol.
    pub fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": parameters }))
    }

    /// Takes the place of a visitor: size, colours, motion, finger or pointer.
    pub fn look(&self, screen: Screen) -> Result<()> {
        let Screen { width, height, dark, still } = screen;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1,
            "mobile": screen.touch() });
        let colours = if dark { "dark" } else { "light" };
        let motion = if still { "reduce" } else { "no-preference" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": colours },
            { "name": "prefers-reduced-motion", "value": motion },
        ] });
        self.devtools("Emulation.setDeviceMetricsOverride", size)?;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": screen.touch() }))?;
        self.devtools("Emulation.setEmulatedMedia", media)?;
        Ok(())
    }

    /// Loads a page and waits until its files are there.
    pub fn goto(&self, url: &str) -> Result<()> {
        self.post("url", json!({ "url": url })).map(drop)
    }

    /// The page's title.
    pub fn title(&self) -> Result<String> {
        Ok(self.get("title")?.as_str().unwrap_or_default().to_owned())
    }

    /// Runs the body of a JavaScript function and returns what it returns; a promise is awaited.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.post("execute/sync", json!({ "script": script, "args": [] }))
    }

    /// The value of a JavaScript expression.
    pub fn eval(&self, expression: &str) -> Result<Value> {
        self.run(&format!("return ({expression});"))
    }

    /// Waits until a JavaScript expression is true.
    pub fn wait_for(&self, expression: &str, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        while self.run(&format!("return Boolean({expression});"))? != true {
            if Instant::now() > deadline {
                bail!("`{expression}` was not true within {patience:?}");
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// The first element that a CSS selector finds.
    pub fn find(&self, selector: &str) -> Result<Element> {
        let found = self.post("element", json!({ "using": "css selector", "value": selector }))?;
        let id = found[ELEMENT].as_str().context("the driver returned no element")?;
        Ok(Element(id.to_owned()))
    }

    /// Clicks in the middle of an element, as a pointer does: what covers it gets the click.
    pub fn click(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/click", element.0), json!({})).map(drop)
    }

    /// Clicks beside the middle of an element, by so many pixels to the right and down.
    pub fn click_at(&self, element: &Element, beside: (i32, i32)) -> Result<()> {
        self.point("mouse", element, beside)
    }

    /// Touches the middle of an element with a finger, shortly.
    pub fn tap(&self, element: &Element) -> Result<()> {
        self.point("touch", element, (0, 0))
    }

    fn point(&self, kind: &str, element: &Element, (x, y): (i32, i32)) -> Result<()> {
        let origin = json!({ ELEMENT: element.0 });
        let pointer = json!({ "type": "pointer", "id": kind,
            "parameters": { "pointerType": kind },
            "actions": [
                { "type": "pointerMove", "duration": 0, "origin": origin, "x": x, "y": y },
                { "type": "pointerDown", "button": 0 },
                { "type": "pointerUp", "button": 0 },
            ] });
        self.post("actions", json!({ "actions": [pointer] })).map(drop)
    }

    /// Presses at one place beside the middle of an element, moves to another, and lets go.
    pub fn drag(&self, element: &Element, from: (i32, i32), to: (i32, i32)) -> Result<()> {
        let origin = json!({ ELEMENT: element.0 });
        let go = |(x, y): (i32, i32), time: u32| {
            json!({ "type": "pointerMove", "duration": time, "origin": origin,
                "x": x, "y": y })
        };
        let pointer = json!({ "type": "pointer", "id": "mouse",
            "parameters": { "pointerType": "mouse" },
            "actions": [
                go(from, 0),
                { "type": "pointerDown", "button": 0 },
                go(to, 100),
                { "type": "pointerUp", "button": 0 },
            ] });
        self.post("actions", json!({ "actions": [pointer] })).map(drop)
    }

    /// Types into an element.
    pub fn type_into(&self, element: &Element, text: &str) -> Result<()> {
        self.post(&format!("element/{}/value", element.0), json!({ "text": text })).map(drop)
    }

    /// The text of an element as it is shown.
    pub fn text(&self, element: &Element) -> Result<String> {
        let text = self.get(&format!("element/{}/text", element.0))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Presses and releases keys wherever the focus is: a character, a name such as `Tab`, or
    /// several held together, such as `Control+k`.
    pub fn press(&self, keys: &str) -> Result<()> {
        let held: Vec<&str> = if keys.len() > 1 { keys.split('+').collect() } else { vec![keys] };
        let codes = held.into_iter().map(key_code).collect::<Result<Vec<_>>>()?;
        let down = codes.iter().map(|code| json!({ "type": "keyDown", "value": code }));
        let up = codes.iter().rev().map(|code| json!({ "type": "keyUp", "value": code }));
        let actions: Vec<Value> = down.chain(up).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("actions", json!({ "actions": [keyboard] })).map(drop)
    }

    /// Writes what is seen into a PNG file.
    pub fn screenshot(&self, file: &Path) -> Result<()> {
        let picture = self.get("screenshot")?;
        let bytes = STANDARD.decode(picture.as_str().unwrap_or_default())?;
        fs::write(file, bytes).with_context(|| format!("{} is not writable", file.display()))
    }

    /// What has come to the console since this was asked last.
    pub fn console(&self) -> Result<Vec<Entry>> {
        let lines = self.post("se/log", json!({ "type": "browser" }))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let entry =
            |line: &Value| Entry { level: text(&line["level"]), message: text(&line["message"]) };
        Ok(lines.as_array().into_iter().flatten().map(entry).collect())
    }

    /// Only the errors of [`Browser::console`].
    pub fn errors(&self) -> Result<Vec<Entry>> {
        let mut entries = self.console()?;
        entries.retain(|entry| entry.level == "SEVERE");
        Ok(entries)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A window that is gone already is as good as closed.
        let _ = wire::call(&self.host, "DELETE", &self.session, &Value::Null);
    }
}

/// The character that stands for a key in WebDriver.
fn key_code(key: &str) -> Result<&str> {
    Ok(match key {
        "Backspace" => "\u{e003}",
        "Tab" => "\u{e004}",
        "Enter" => "\u{e007}",
        "Shift" => "\u{e008}",
        "Control" => "\u{e009}",
        "Alt" => "\u{e00a}",
        "Escape" => "\u{e00c}",
        "Space" => " ",
        "PageUp" => "\u{e00e}",
        "PageDown" => "\u{e00f}",
        "End" => "\u{e010}",
        "Home" => "\u{e011}",
        "Left" => "\u{e012}",
        "Up" => "\u{e013}",
        "Right" => "\u{e014}",
        "Down" => "\u{e015}",
        "Delete" => "\u{e017}",
        "F10" => "\u{e03a}",
        single if single.chars().count() == 1 => single,
        other => bail!("no key is called '{other}'"),
    })
}
