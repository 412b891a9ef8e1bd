//! The worker: hears jobs as bytes, and says answers as bytes.
#![forbid(unsafe_code)]

use js_sys::{Array, Uint8Array};
use shardscope_judge::message::{Answer, VERSION, read, write};
use shardscope_judge::work;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// No page sends anything else, unless it is older than this judge.
const NO_JOB: &str = "The page and what plays its scripts do not fit together: load the page anew.";

fn main() {
    let worker: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let heard = {
        let worker = worker.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let job = read(&Uint8Array::new(&event.data()).to_vec());
            say(&worker, &job.map_or_else(|| Answer::Refused(NO_JOB.into()), work::answer));
        })
    };
    worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    // It listens as long as the worker lives.
    heard.forget();
    say(&worker, &Answer::Ready(VERSION));
}

fn say(worker: &DedicatedWorkerGlobalScope, answer: &Answer) {
    let bytes = Uint8Array::from(write(answer).as_slice());
    // Bytes that are handed over, and not copied, can always be sent.
    let _ = worker.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
}
