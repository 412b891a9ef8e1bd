//! The browser computes what this machine computes: same seeds, same runs, bit for bit.

use std::env;

use anyhow::{Context, Result};
use serde_json::Value;
use shardscope_page_tests::{Browser, DIGEST, setting};

/// So many runs are asked for at once that no answer takes long.
const BATCH: u32 = 10;

/// In how many batches: 50 runs, or 1,000 in the deep tier.
fn batches() -> u64 {
    if env::var_os("SHARDSCOPE_DEEP").is_some() { 100 } else { 5 }
}

/// The digests as the browser computes them. They cross as text: JSON has no 64-bit integers.
fn in_browser(browser: &Browser, first_seed: u64) -> Result<Vec<u64>> {
    let answer = browser.run(&format!(
        "return import('./digest-browser.js').then(async (program) => {{ \
             await program.default(); \
             return Array.from(program.digests({first_seed}n, {BATCH}), String); \
         }});"
    ))?;
    let digests = answer.as_array().context("the browser returned no list")?;
    let read = |digest: &Value| digest.as_str().and_then(|digest| digest.parse().ok());
    digests.iter().map(|digest| read(digest).context("a digest is no number")).collect()
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn native_and_wasm_agree() -> Result<()> {
    let browser = Browser::open()?;
    browser.goto(&setting(DIGEST)?)?;
    for batch in 0..batches() {
        let first_seed = batch * u64::from(BATCH);
        let native = shardscope_digest::digests(first_seed, BATCH);
        let wasm = in_browser(&browser, first_seed)?;
        assert_eq!(native, wasm, "seeds from {first_seed}: the platforms differ");
    }
    Ok(())
}

#[test]
#[ignore = "needs a browser: cargo xtask test"]
fn large_seeds_cross_unharmed() -> Result<()> {
    let browser = Browser::open()?;
    browser.goto(&setting(DIGEST)?)?;
    let first_seed = u64::MAX - 3;
    assert_eq!(in_browser(&browser, first_seed)?, shardscope_digest::digests(first_seed, BATCH));
    Ok(())
}
