//! The figures, callable from JavaScript.
#![forbid(unsafe_code)]

#[cfg(target_family = "wasm")]
use shardscope_bench::figures::{checkers, clusters, seeks, sizes, speeds};
#[cfg(target_family = "wasm")]
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_family = "wasm")]
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// All figures, a line each. A wasm memory only ever grows, so it is weighed first.
#[cfg(target_family = "wasm")]
#[wasm_bindgen]
pub fn figures() -> String {
    let memory = || core::arch::wasm32::memory_size(0) as u64 * 65_536;
    let sizes = sizes(&memory);
    let all = [speeds, clusters, checkers, seeks].into_iter().flat_map(|figures| figures(&now));
    all.chain(sizes).map(|figure| format!("{figure}\n")).collect()
}

fn main() {}
