//! What is read from files, or from the standard input when the name is `-`.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use shardscope_core::sim::script::Script;

use crate::end::Refusal;

/// The bytes of a file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Refusal> {
    let read = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    read.map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file: look at the path".into(),
            io::ErrorKind::PermissionDenied => "it may not be read: change its permissions".into(),
            io::ErrorKind::IsADirectory => "it is a folder: name a file in it".into(),
            _ => error.to_string(),
        };
        Refusal(format!("{}: {why}.", path.display()))
    })
}

/// Bytes as text.
pub(crate) fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String, Refusal> {
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        Refusal(format!("{}, line {line}: this is not UTF-8: save it as UTF-8.", path.display()))
    })
}

/// A text as a script.
pub(crate) fn script_of(path: &Path, text: &str) -> Result<Script, Refusal> {
    Script::parse(text).map_err(|error| Refusal(format!("{}, {error}", path.display())))
}

/// A script from a file.
pub(crate) fn script(path: &Path) -> Result<Script, Refusal> {
    script_of(path, &text_of(path, bytes(path)?)?)
}
