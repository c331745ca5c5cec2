//! The form of `languages/*.txt`: `key = text` on a line; `#` starts a comment. The build reads it, and the browser does.

/// The keys and their texts, in the file's order.
pub fn entries(file: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let (key, text) = line.split_once('=')?;
        // Not `trim`, which would bring Unicode's tables along.
        Some((key.strip_suffix(' ')?, text.strip_prefix(' ')?))
    })
}

/// A number for the keys in their order, by which a file of another version is known
/// ([FNV-1a](https://datatracker.ietf.org/doc/draft-eastlake-fnv/)).
pub fn fingerprint(file: &str) -> u32 {
    let bytes = entries(file).flat_map(|(key, _)| key.bytes().chain([b'\n']));
    bytes.fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
