//! The playground: a page around the running core.
#![forbid(unsafe_code)]

mod actions;
mod app;
mod cluster;
mod decimal;
mod dock;
mod engine;
mod files;
mod focus;
mod geometry;
mod host;
mod icons;
mod intent;
mod judge;
mod keys;
mod layout;
mod panels;
mod stage;
mod story;
mod words;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
