//! As much of HTTP/1.1 as servers of a benchmark need.

/// Where the body begins and how long it is, if the head is whole.
pub(crate) fn head(buffer: &[u8]) -> Option<(usize, usize)> {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(buffer.get(..end)?).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    Some((end, length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_told_from_the_half_of_one() {
        assert_eq!(head(b"POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\nabc"), Some((39, 12)));
        assert_eq!(head(b"POST / HTTP/1.1\r\nContent-Length: 12\r\n"), None);
        assert_eq!(head(b"GET / HTTP/1.1\r\n\r\n"), Some((18, 0)));
    }
}
