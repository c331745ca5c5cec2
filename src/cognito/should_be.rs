//! What a setting should be. Words for it are found where errors become sentences.

/// What is expected where something else stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShouldBe {
    /// A full web address.
    Absolute,
    /// An address that is not as long.
    Short,
    /// `https://`, or a loopback host.
    Encrypted,
    /// An address without query, fragment and user name.
    Bare,
    /// A valid host name and port.
    Host,
    /// Characters that need no encoding.
    Characters,
    /// A user pool domain, without a path.
    Domain,
    /// An app client's ID.
    ClientId,
    /// A user pool's ID.
    PoolId,
    /// Scopes with `openid` among them.
    Scopes,
    /// Names of identity providers.
    Providers,
    /// Seconds, from 0 to 600.
    Seconds,
    /// `implicit` or `code`.
    Grant,
    /// `session` or `local`.
    Storage,
    /// `id` or `access`.
    Token,
    /// `bare` or `Bearer`.
    Scheme,
    /// A language's tag.
    Lang,
    /// A user name or an e-mail address.
    LoginHint,
    /// One of `prompt`'s values.
    Prompt,
}
