//! Drives the built page in a real browser, over the WebDriver protocol.
//!
//! `cargo xtask test` builds and serves the page, starts the driver, and says where both are in
//! the environment variables below. Nothing here starts or installs anything.
#![forbid(unsafe_code)]

mod browser;
mod wire;

pub use browser::{Browser, Element, Entry, Screen};

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// Where the page is served: ends in a slash.
pub const PAGE: &str = "SHARDSCOPE_PAGE";
/// Where the program that computes digests is served: ends in a slash.
pub const DIGEST: &str = "SHARDSCOPE_DIGEST";
/// Where the WebDriver server listens.
pub const WEBDRIVER: &str = "SHARDSCOPE_WEBDRIVER";
/// The browser's program.
pub const BROWSER: &str = "SHARDSCOPE_BROWSER";
/// The folder for pictures.
pub const PICTURES: &str = "SHARDSCOPE_PICTURES";

/// Reads one of the variables that `cargo xtask` sets.
pub fn setting(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set: run this by `cargo xtask test`"))
}

/// The place of a picture, in a folder that exists.
pub fn picture(name: &str) -> Result<PathBuf> {
    let folder = PathBuf::from(setting(PICTURES)?);
    std::fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{name}.png")))
}
