//! The judge: a second program of the page, which does what takes long or is seldom needed.
//!
//! It runs in a worker beside the page, and is fetched when it is needed first. So the first load
//! is without it, and the page stays awake while it works. The page asks for a [`message::Job`],
//! and gets a [`message::Answer`]. The page's own program knows `message`, `story` and
//! `findings` only; what does the work is in `work`, and is linked into the judge alone.
#![forbid(unsafe_code)]

pub mod findings;
pub mod message;
pub mod story;
pub mod work;
