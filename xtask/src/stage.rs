//! The page served and a browser's driver beside it: what page tests and pictures need.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::browser::{self, Driver, Programs};
use crate::serve;
use crate::workspace::Workspace;

/// Everything up and running; the driver ends when this is dropped.
pub(crate) struct Stage {
    programs: Programs,
    driver: Driver,
    page: String,
}

impl Stage {
    /// Serves `dist` and starts a driver.
    pub(crate) fn set(dist: &Path) -> Result<Self> {
        Self::around(serve_quietly(dist)?)
    }

    /// Starts a driver for a page that is served already.
    pub(crate) fn around(page: String) -> Result<Self> {
        let programs = browser::find_or_install()?;
        let driver = Driver::start(&programs.driver)?;
        let page = format!("{}/", page.trim_end_matches('/'));
        Ok(Self { programs, driver, page })
    }

    /// Tells a command where everything is: see the library of `tests/page`.
    pub(crate) fn tell(&self, workspace: &Workspace, command: &mut Command) {
        command
            .env("SHARDSCOPE_PAGE", &self.page)
            .env("SHARDSCOPE_WEBDRIVER", self.driver.url())
            .env("SHARDSCOPE_BROWSER", &self.programs.browser)
            .env("SHARDSCOPE_PICTURES", workspace.path("target/page"));
    }
}

/// Serves a folder on any free port, and says where.
pub(crate) fn serve_quietly(folder: &Path) -> Result<String> {
    let listener = serve::bind(0)?;
    let url = listener.url.clone();
    serve::start(listener, folder);
    Ok(url)
}
