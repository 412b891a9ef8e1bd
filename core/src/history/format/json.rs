//! One JSON object a line.

use alloc::format;
use alloc::string::ToString;

use serde_json::Value;
use serde_json::error::Category;

use super::datum::{Datum, Field, Fields, NAMES};
use super::{Wrong, column};

/// The fields of a line; none: the line is empty.
pub(super) fn fields(line: &str) -> Result<Option<Fields>, Wrong> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let mut object = match serde_json::from_str(line) {
        Ok(Value::Object(object)) => object,
        Ok(_) => {
            return Err((1, "A line is one JSON object: write {\"process\": 0, …}.".into()));
        }
        Err(error) => return Err(refusal(line, &error)),
    };
    let take = |name: &'static str| {
        let datum = datum(object.remove(name)?);
        let byte = line.find(&format!("\"{name}\"")).unwrap_or_default();
        Some(Field { name, column: column(line, byte), datum })
    };
    Ok(Some(Fields(NAMES.into_iter().filter_map(take).collect())))
}

fn refusal(line: &str, error: &serde_json::Error) -> Wrong {
    let byte = error.column().saturating_sub(1).min(line.len());
    let column = column(line, byte);
    if error.classify() == Category::Eof {
        let sentence = "The entry ends too early: the file was cut off here, or an entry goes over \
                        several lines; put it on one line or take it out.";
        return (column, sentence.into());
    }
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    (column, format!("This is no JSON ({words}): write one object a line."))
}

fn datum(value: Value) -> Datum {
    match value {
        Value::Null => Datum::Nil,
        Value::Bool(value) => Datum::Bool(value),
        Value::Number(number) => number
            .as_i64()
            .map_or(Datum::Other("a number with a fraction, or a huge one"), Datum::Int),
        Value::String(text) => Datum::Text(text),
        Value::Array(list) => Datum::List(list.into_iter().map(datum).collect()),
        Value::Object(_) => Datum::Other("an object"),
    }
}
