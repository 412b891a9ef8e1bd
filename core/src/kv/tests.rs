use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;
use crate::machine::encoded_len;

fn run(lines: &[&str]) -> Vec<Reply> {
    let mut kv = Kv::default();
    lines.iter().map(|line| kv.apply(&line.parse().expect("a command"))).collect()
}

fn value(text: &str) -> Reply {
    Reply::Value(text.into())
}

#[test]
fn a_missing_key_reads_as_empty_and_appends_as_put() {
    assert_eq!(run(&["get x", "append x a", "append x b", "get x"])[3], value("ab"));
    assert_eq!(run(&["get x"]), [value("")]);
}

#[test]
fn compare_and_set_changes_nothing_unless_the_value_is_the_expected_one() {
    let replies = run(&["put x 1", "cas x 2 3", "get x", "cas x 1 3", "get x"]);
    assert_eq!(replies[1], Reply::Differs { found: "1".into() });
    assert_eq!(replies[2], value("1"));
    assert_eq!(replies[3], Reply::Written { version: 2 });
    assert_eq!(replies[4], value("3"));
}

#[test]
fn a_versioned_put_applies_at_its_version_only() {
    let lines =
        ["put-at x 0 a", "put-at x 0 b", "put-at x 1 c", "get x", "delete x", "put-at x 0 d"];
    let replies = run(&lines);
    assert_eq!(replies[0], Reply::Written { version: 1 });
    assert_eq!(replies[1], Reply::WrongVersion { found: 1 });
    assert_eq!(replies[2], Reply::Written { version: 2 });
    assert_eq!(replies[3], value("c"));
    assert_eq!(replies[5], Reply::Written { version: 1 }, "a deleted key is at version 0");
}

#[test]
fn put_hash_stores_the_hash_of_old_and_new_and_returns_the_old() {
    // FNV-1a-32 of "a" is 0xe40c292c, of "ab" 0x4d2505ca: the published test vectors.
    assert_eq!(fnv1a_32(b"a"), 0xe40c_292c);
    assert_eq!(fnv1a_32(b"foobar"), 0xbf9c_f968);
    let replies = run(&["put-hash x a", "get x", "put-hash x b"]);
    assert_eq!(replies[0], value(""));
    assert_eq!(replies[1], value(&0xe40c_292c_u32.to_string()));
    assert_eq!(replies[2], replies[1]);
}

#[test]
fn a_value_never_grows_past_its_limit() {
    let mut kv = Kv::default();
    let big: Text = "v".repeat(MAX_VALUE).into();
    assert_eq!(
        kv.apply(&Command::Put { key: "x".into(), value: big.clone() }),
        Reply::Written { version: 1 }
    );
    let more = Command::Append { key: "x".into(), value: "v".into() };
    assert_eq!(kv.apply(&more), Reply::TooLong);
    assert_eq!(kv.read(&Command::Get { key: "x".into() }), Some(Reply::Value(big)));
}

#[test]
fn bytes_are_counted_as_they_are_encoded() {
    let mut kv = Kv::default();
    for n in 0..400_u32 {
        let key = n % 13;
        let line = match n % 5 {
            0 => alloc::format!("put k{key} value-{n}"),
            1 | 2 => alloc::format!("append k{key} tail-{n}"),
            3 => alloc::format!("delete k{key}"),
            _ => alloc::format!("put-hash k{key} {n}"),
        };
        kv.apply(&line.parse().unwrap());
        assert_eq!(kv.bytes(), encoded_len(&kv), "after {line}");
    }
}

#[test]
fn commands_are_read_back_as_they_are_written() {
    for line in [
        "get x",
        "put x 1",
        "append y b",
        "delete x",
        "cas x 1 2",
        "put-at x 3 v",
        "put-hash x v",
        "put x \"a b\"",
        "cas x \"\" 2",
    ] {
        let command: Command = line.parse().unwrap();
        assert_eq!(command.to_string(), line);
        assert!(!command.label().is_empty());
    }
}

#[test]
fn a_label_quotes_what_could_not_be_seen() {
    let label = |line: &str| line.parse::<Command>().unwrap().label();
    assert_eq!(label("put x \"  \""), "x=\"  \"");
    assert_eq!(label("cas x \"\" 2"), "x:\"\"→2");
    assert_eq!(label("put x 1"), "x=1");
}

#[test]
fn a_line_that_is_no_command_gets_one_sentence_with_the_mend() {
    let long = alloc::format!("put x {}", "v".repeat(MAX_WORD + 1));
    for (line, part) in [
        ("", "Nothing to do yet"),
        ("   ", "Nothing to do yet"),
        ("fetch x", "\"fetch\" is no operation"),
        ("get", "needs a key"),
        ("put x", "needs one value more"),
        ("cas x 1", "needs one value more"),
        ("put x a b", "one word too many"),
        ("put x \"a b", "never closed"),
        ("put-at x one v", "is no version"),
        ("put-at x -1 v", "is no version"),
        ("get \"\"", "needs a key"),
        (&long, "at most 4096 bytes"),
    ] {
        let error = line.parse::<Command>().expect_err(line).to_string();
        assert!(error.contains(part), "{line}: {error}");
        assert!(error.ends_with('.'), "{error}");
        assert!(error.len() < 220, "{error}");
    }
}

#[test]
fn a_store_is_as_large_as_it_has_keys() {
    let mut kv = Kv::default();
    let mut sizes = Vec::new();
    for line in ["get x", "put x 1", "append x 2", "put y 1", "delete x", "delete x", "delete y"] {
        kv.apply(&line.parse().expect("a command"));
        assert_eq!((kv.is_empty(), kv.iter().count()), (kv.iter().next().is_none(), kv.len()));
        sizes.push(kv.len());
    }
    assert_eq!(sizes, [0, 1, 1, 2, 1, 1, 0]);
}

#[test]
fn a_value_may_have_64_kib_and_no_byte_more() {
    let put = |length: usize| {
        let value = "v".repeat(length).as_str().into();
        Kv::default().apply(&Command::Put { key: "x".into(), value })
    };
    assert_eq!(put(65_536), Reply::Written { version: 1 });
    assert_eq!(put(65_537), Reply::TooLong);
}
