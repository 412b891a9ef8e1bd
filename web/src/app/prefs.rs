//! What the machine and the person prefer. Storage may be missing or full: then nothing is kept.

use wasm_bindgen::JsValue;
use web_sys::{PerformanceNavigation, Storage, Window};

use crate::intent::Theme;

const THEME: &str = "shardscope.1.theme";
const KEYS: &str = "shardscope.1.single-keys";
const RUN: &str = "shardscope.1.run";

fn window() -> Option<Window> {
    web_sys::window()
}

fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden storage only forgets.
        let _ = storage.set_item(key, value);
    }
}

fn matches(query: &str) -> bool {
    window().and_then(|w| w.match_media(query).ok().flatten()).is_some_and(|list| list.matches())
}

/// The machine asks for no motion.
pub(crate) fn reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// The theme chosen last.
pub(crate) fn theme() -> Theme {
    match read(THEME).as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::Auto,
    }
}

/// Shows `theme` and keeps it.
pub(crate) fn set_theme(theme: Theme) {
    let name = match theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    write(THEME, name);
    let root = window().and_then(|w| w.document()).and_then(|d| d.document_element());
    if let Some(root) = root {
        // Setting a well-formed attribute cannot fail.
        let _ = match theme {
            Theme::Auto => root.remove_attribute("data-theme"),
            _ => root.set_attribute("data-theme", name),
        };
    }
}

/// Whether single keys act.
pub(crate) fn single_keys() -> bool {
    read(KEYS).as_deref() != Some("off")
}

/// Keeps whether single keys act.
pub(crate) fn set_single_keys(on: bool) {
    write(KEYS, if on { "on" } else { "off" });
}

/// A seed that nobody chose.
pub(crate) fn seed() -> u64 {
    (js_sys::Math::random() * 1e9) as u64
}

/// What follows the `#` of the address.
pub(crate) fn asked() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// The link to a run in the address, if there is one.
pub(crate) fn link() -> Option<String> {
    Some(asked()).filter(|hash| hash.contains("run="))
}

/// Puts a link into the address, without leaving the page; the whole address.
pub(crate) fn set_address(link: &str) -> String {
    let here = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let page = here.split('#').next().unwrap_or_default();
    let address = [page, "#", link].concat();
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        // A browser that does not allow it leaves the address as it is.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
    address
}

fn of_tab() -> Option<Storage> {
    window()?.session_storage().ok()?
}

/// Keeps a run as long as this tab is open.
pub(crate) fn keep_run(link: &str) {
    if let Some(storage) = of_tab() {
        // A full or forbidden storage only forgets.
        let _ = storage.set_item(RUN, link);
    }
}

/// The run that was kept, if this tab is loaded anew.
pub(crate) fn kept_run() -> Option<String> {
    let reloaded =
        window()?.performance()?.navigation().type_() == PerformanceNavigation::TYPE_RELOAD;
    let link = of_tab()?.get_item(RUN).ok()?;
    link.filter(|link| reloaded && !link.is_empty())
}

/// The window's size in CSS pixels.
pub(crate) fn window_size() -> (f64, f64) {
    let size = |value: Option<JsValue>| value.and_then(|v| v.as_f64());
    let width = window().and_then(|w| w.inner_width().ok());
    let height = window().and_then(|w| w.inner_height().ok());
    (size(width).unwrap_or(1280.0), size(height).unwrap_or(720.0))
}
