//! The judge: a worker beside the page, with a program of its own. It comes when it is called.
//!
//! It does one job at a time. Nobody tells it to stop: it is let go, and the next job gets another.

use js_sys::{Array, Uint8Array};
use shardscope_judge::message::{self, Answer, Job};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;

/// What starts the judge, beside the page. The name is the one that trunk gives it.
const PROGRAM: &str = "shardscope-judge_loader.js";

/// Something that is heard of the judge.
pub(crate) enum News {
    /// It says something; none: that was no answer.
    Said(Option<Answer>),
    /// It could not be fetched, or it has stopped.
    Gone,
}

/// A judge who is there, or on the way. It is let go when it is dropped.
pub(crate) struct Judge {
    worker: Worker,
    /// It listens.
    ready: bool,
    /// What it is to do as soon as it listens.
    waiting: Option<Job>,
    _said: Closure<dyn FnMut(MessageEvent)>,
    _gone: Closure<dyn FnMut(Event)>,
}

impl Judge {
    /// Calls a judge: its program is fetched. None: this browser does not let it.
    pub(crate) fn call(heard: &Callback<News>) -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(PROGRAM, &options).ok()?;
        let said = heard.reform(|event: MessageEvent| {
            let bytes = event.data().dyn_into::<Uint8Array>().ok();
            News::Said(bytes.and_then(|bytes| message::read(&bytes.to_vec())))
        });
        let gone = heard.reform(|event: Event| {
            // The page says so itself.
            event.prevent_default();
            News::Gone
        });
        let said = Closure::<dyn FnMut(MessageEvent)>::new(move |event| said.emit(event));
        let gone = Closure::<dyn FnMut(Event)>::new(move |event| gone.emit(event));
        worker.set_onmessage(Some(said.as_ref().unchecked_ref()));
        worker.set_onerror(Some(gone.as_ref().unchecked_ref()));
        Some(Self { worker, ready: false, waiting: None, _said: said, _gone: gone })
    }

    /// Gives it a job.
    pub(crate) fn ask(&mut self, job: Job) {
        if self.ready {
            let bytes = Uint8Array::from(message::write(&job).as_slice());
            // Bytes that are handed over, and not copied, can always be sent.
            let _ = self.worker.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
        } else {
            self.waiting = Some(job);
        }
    }

    /// It listens: it gets what waited for that.
    pub(crate) fn begin(&mut self) {
        self.ready = true;
        if let Some(job) = self.waiting.take() {
            self.ask(job);
        }
    }

    /// Whether it is there.
    pub(crate) const fn is_ready(&self) -> bool {
        self.ready
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
