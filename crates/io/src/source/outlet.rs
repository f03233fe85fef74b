//! Names of outlets: an address stands for its host.

use std::borrow::Cow;

/// The name of an outlet. An address, with its scheme or beginning with `www.`, becomes its host in lower case, without `www.`; another name stays as
/// it is.
pub(super) fn outlet_name(name: Cow<'_, str>) -> Cow<'_, str> {
    let trimmed = name.trim();
    let begins_with_www = trimmed.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let is_address = !trimmed.contains(char::is_whitespace) && (begins_with_www || trimmed.contains("//"));
    if !is_address {
        return name;
    }
    match host_of(trimmed).or_else(|| host_of(&format!("//{trimmed}")).filter(|_| begins_with_www)) {
        Some(host) => Cow::Owned(host),
        None => name,
    }
}

/// The host of an address, in lower case, without `www.`.
pub(super) fn host_of(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("//")?;
    if !(scheme.is_empty() || scheme.ends_with(':')) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let host = match place.strip_prefix('[').and_then(|address| address.split_once(']')) {
        Some((address, _)) => address,
        None => place.split(':').next().unwrap_or_default(),
    };
    let host = host.to_lowercase();
    let bare = host.strip_prefix("www.").filter(|bare| bare.contains('.')).unwrap_or(&host);
    (!bare.is_empty()).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_addresses() {
        let cases = [
            ("http://Www.Example.com/a", Some("example.com")),
            ("https://user:pw@example.com:8080?x", Some("example.com")),
            ("http://[2001:db8::1]:80/", Some("2001:db8::1")),
            ("http://مثال.إختبار/", Some("مثال.إختبار")),
            ("http://www.com/", Some("www.com")),
            ("//www.bow.example/a", Some("bow.example")),
            ("urn:uuid:1", None),
            ("http:///x", None),
        ];
        for (uri, host) in cases {
            assert_eq!(host_of(uri).as_deref(), host, "{uri}");
        }
    }

    #[test]
    fn an_address_becomes_its_host_and_a_name_stays() {
        for (name, expected) in [
            ("https://www.bow.example/2024/quay", "bow.example"),
            ("WWW.Bow.example", "bow.example"),
            ("www.bow.example/news", "bow.example"),
            ("bow.example", "bow.example"),
            ("Bow Times", "Bow Times"),
            ("Radio//Television", "Radio//Television"),
            ("see https://bow.example for more", "see https://bow.example for more"),
            ("صحيفة", "صحيفة"),
            ("", ""),
        ] {
            assert_eq!(outlet_name(Cow::Borrowed(name)), expected, "{name}");
        }
    }
}
