//! Files: those beside the page, a visitor's own, and those that the page gives away.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, FileList, HtmlElement, Response, Url};
use yew::Callback;

/// No more bytes of a file are read: a script has less, and what has more is refused anyway.
const MOST: f64 = 3_000_000.0;

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

/// Reads the text of the first of a visitor's files, if there is one; `got` has nothing if it
/// cannot be read.
pub(crate) fn read(files: Option<FileList>, got: Callback<Option<String>>) {
    let Some(file) = files.and_then(|files| files.get(0)) else { return };
    let Ok(begin) = file.slice_with_f64_and_f64(0.0, MOST) else { return got.emit(None) };
    when(&begin.text(), move |text| got.emit(text.and_then(|text| text.as_string())));
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
