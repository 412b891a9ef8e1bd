//! Files: those beside the page, a visitor's own, and those that the page gives away.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, FileList, HtmlElement, Response, Url};
use yew::Callback;

/// No more bytes of a file are read: the longest history has less, and what has more is refused
/// anyway.
const MOST: f64 = 68_000_000.0;

/// A visitor's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// Its name.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

/// Calls `then` once with what is promised, or with nothing if the promise is broken.
fn when(promise: &Promise, then: impl FnOnce(Option<JsValue>) + 'static) {
    let then = Rc::new(Cell::new(Some(then)));
    let kept = {
        let then = then.clone();
        Closure::once(move |value: JsValue| {
            if let Some(then) = then.take() {
                then(Some(value));
            }
        })
    };
    let broken = Closure::once(move |_: JsValue| {
        if let Some(then) = then.take() {
            then(None);
        }
    });
    let _ = promise.then2(&kept, &broken);
    // The browser calls one of the two, later: both have to live until then.
    kept.forget();
    broken.forget();
}

/// Fetches the text of a file beside the page: nothing, if it is not there.
pub(crate) fn fetch(path: &str, got: Callback<Option<String>>) {
    let Some(window) = web_sys::window() else { return };
    when(&window.fetch_with_str(path), move |answer| {
        let answer = answer.map(JsCast::unchecked_into::<Response>).filter(Response::ok);
        match answer.and_then(|answer| answer.text().ok()) {
            Some(text) => when(&text, move |text| got.emit(text.and_then(|text| text.as_string()))),
            None => got.emit(None),
        }
    });
}

/// Reads the first of a visitor's files, if there is one; `got` has nothing if it cannot be read.
pub(crate) fn read(files: Option<FileList>, got: Callback<Option<Given>>) {
    let Some(file) = files.and_then(|files| files.get(0)) else { return };
    let Ok(begin) = file.slice_with_f64_and_f64(0.0, MOST) else { return got.emit(None) };
    when(&begin.array_buffer(), move |buffer| {
        let bytes = buffer.map(|buffer| Uint8Array::new(&buffer).to_vec());
        got.emit(bytes.map(|bytes| Given { name: file.name(), bytes }));
    });
}

impl Given {
    /// Whether it looks like what clients saw, and not like a script: by its name or, where that
    /// does not tell, by how it begins.
    pub(crate) fn is_history(&self) -> bool {
        let ends = |end: &&str| self.name.ends_with(*end);
        if self.name.ends_with(".script") {
            return false;
        }
        let begins = self.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        [".json", ".jsonl", ".ndjson", ".edn", ".log"].iter().any(ends)
            || matches!(begins, Some(b'{' | b'['))
    }

    /// It as text, without the mark that some editors put in front of it.
    pub(crate) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
    }
}

/// Gives a visitor a text as a file. False: this browser does not let it.
pub(crate) fn save(name: &str, text: &str) -> bool {
    let offer = || -> Result<(), JsValue> {
        let blob = Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(text)))?;
        let url = Url::create_object_url_with_blob(&blob)?;
        let document = web_sys::window().and_then(|window| window.document());
        let link = document.ok_or(JsValue::NULL)?.create_element("a")?;
        link.set_attribute("href", &url)?;
        link.set_attribute("download", name)?;
        link.unchecked_into::<HtmlElement>().click();
        Url::revoke_object_url(&url)
    };
    offer().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_a_history_or_a_script() {
        let given = |name: &str, text: &str| Given { name: name.into(), bytes: text.into() };
        for (name, text, is_history) in [
            ("a.edn", "", true),
            ("a.jsonl", "shardscope script 1", true),
            ("a.log", "INFO  jepsen.util - 0 :invoke :read nil", true),
            ("a.txt", "\n {:process 0}", true),
            ("history", "[{:process 0}]", true),
            ("a.txt", "shardscope script 1", false),
            ("a.script", "{:process 0}", false),
            ("a", "", false),
        ] {
            assert_eq!(given(name, text).is_history(), is_history, "{name}: {text}");
        }
        assert_eq!(given("a", "\u{feff}shardscope").text(), "shardscope");
    }
}
