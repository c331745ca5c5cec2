//! Spanish.

use super::{Texts, quoted_list};

/// The texts in Spanish.
pub const TEXTS: Texts = Texts {
    name: "Español",
    tag: "es",
    direction: "ltr",

    // Everywhere
    one_moment: "Un momento…",
    load_again: "Cargar de nuevo",
    copy: "Copiar",
    copy_what: |what| format!("Copiar: {what}"),
    copied: "Copiado.",
    not_copied: "El navegador no permitió copiar. Seleccione el texto y cópielo manualmente.",
    offline: "No tiene conexión. La aplicación continuará cuando vuelva a conectarse.",
    setup: "Configuración",
    home: "Inicio",

    // Units of time: abbreviations, which have no plural forms
    seconds: |number| format!("{number} s"),
    minutes: |number| format!("{number} min"),
    hours: |number| format!("{number} h"),
    days: |number| format!("{number} d"),
    ago: |duration| format!("hace {duration}"),

    // Signed out
    welcome: "Le damos la bienvenida",
    invitation: "Inicie sesión con su cuenta y el servidor le saludará.",
    sign_in: "Iniciar sesión",
    sign_in_with: |provider| format!("Iniciar sesión con {provider}"),
    create_account: "Crear una cuenta",
    forgot_password: "Olvidé mi contraseña",
    verifying: "Verificando su inicio de sesión…",
    leaving: "Redirigiendo al servicio de inicio de sesión…",

    // Signed in
    signed_in_as: |who| format!("Sesión iniciada como {who}"),
    no_greeting: "Esta vez no hay saludo",
    slow: "El servidor está tardando más de lo habitual. Espere un momento.",
    sign_out: "Cerrar sesión",
    person: "Su cuenta",
    name_label: "Nombre",
    email: "Correo electrónico",
    verified: "verificado",
    not_verified: "sin verificar",
    groups: "Grupos",
    none: "Ninguno",
    session: "Sesión",
    time_left: "Tiempo restante",
    signed_in_at: "Inicio de sesión",
    grant: "Tipo de concesión",
    grant_code: "Código de autorización con PKCE. La sesión se renueva automáticamente.",
    grant_implicit: "Implícita. Cuando la sesión caduque, deberá iniciar sesión de nuevo.",
    renew: "Renovar ahora",
    renewing: "Renovando…",
    stay_signed_in: "Mantener la sesión iniciada",
    api: "API",
    call: "Solicitud",
    answer: "Respuesta",
    answer_in: |status, milliseconds| format!("{status} en {milliseconds} ms"),
    no_answer_in: |milliseconds| format!("Sin respuesta después de {milliseconds} ms"),
    call_again: "Llamar a la API de nuevo",
    calling: "Llamando…",

    // For developers
    developer: "Para desarrolladores",
    show_claims: "Mostrar los datos del token de identidad",
    hide_claims: "Ocultar los datos del token de identidad",
    claims: "Datos de su token de identidad (claims)",
    claims_text: "El grupo de usuarios firmó estos datos sobre usted. La aplicación verificó la firma al recibirlos.",
    curl: "La llamada a la API como comando curl",
    curl_text: "Sustituya $TOKEN por su token.",
    with_token: "Con mi token",
    token_warning: |until| {
        format!(
            "Cualquiera que tenga este token puede actuar en su nombre hasta el {until}. No se lo \
             envíe a nadie ni lo pegue donde otras personas puedan verlo."
        )
    },
    show_token: "Entiendo, mostrarlo",
    hide_token: "Ocultar el token",
    claim_iss: "El grupo de usuarios que emitió el token",
    claim_sub: "Su identificador único y permanente en este grupo de usuarios",
    claim_aud: "El cliente de aplicación al que está destinado el token",
    claim_azp: "El cliente de aplicación para el que se emitió el token",
    claim_exp: "Cuándo caduca el token",
    claim_iat: "Cuándo se emitió el token",
    claim_auth_time: "Cuándo inició sesión",
    claim_token_use: "El tipo de token: de identidad (id) o de acceso (access)",
    claim_nonce: "El valor aleatorio que vincula el token a su inicio de sesión",
    claim_at_hash: "El hash que vincula el token al token de acceso emitido con él",
    claim_jti: "El identificador único de este token",
    claim_origin_jti: "El identificador de su inicio de sesión, que permite revocar sus tokens",
    claim_event_id: "El identificador de su inicio de sesión en los registros del grupo de \
        usuarios",
    claim_email: "Su dirección de correo electrónico",
    claim_email_verified: "Si su dirección de correo electrónico está verificada",
    claim_username: "Su nombre de usuario en el grupo de usuarios",
    claim_groups: "Sus grupos en el grupo de usuarios",
    claim_roles: "Los roles de IAM de sus grupos",
    claim_preferred_role: "El rol de IAM de su grupo de mayor prioridad",
    claim_identities: "Los proveedores de identidad externos vinculados a su cuenta",
    claim_custom: "Un atributo personalizado de este grupo de usuarios",
    claim_other: "Un atributo de usuario, o un dato que añadió un desencadenador de Lambda",

    // Setup
    setup_title: "Configuración",
    setup_text: "Para administradores: los ajustes de la aplicación, las URL que hay que registrar \
        en Cognito y la comprobación de que todo responde.",
    register: "URL que hay que registrar en Cognito",
    register_text: "Añádalas en «Login pages», en el cliente de aplicación. Deben coincidir \
        exactamente, incluida la barra final.",
    callback_url: "URL de devolución de llamada permitida",
    sign_out_url: "URL de cierre de sesión permitida",
    elsewhere: |page| {
        format!(
            "Esta página tiene otra dirección, {page}. Cognito redirige a los usuarios a la URL \
             indicada arriba."
        )
    },
    checks: "Comprobaciones",
    checks_text: "Realizadas ahora mismo desde este navegador.",
    check_again: "Comprobar de nuevo",
    checking: "Comprobando…",
    check_keys: "Claves del grupo de usuarios",
    check_domain: "Dominio de la interfaz alojada",
    check_api: "API",
    check_clock: "Reloj del dispositivo",
    check_storage: "Almacenamiento del navegador",
    keys_found: |count| format!("Encontradas: {count}."),
    keys_none: "El emisor respondió, pero la respuesta no contiene ninguna clave RS256. Compruebe \
        «userPoolId» e «issuer».",
    keys_status: |status| {
        format!(
            "El emisor respondió con el estado {status}. Es probable que el grupo de usuarios no \
             exista en esa región. Compruebe «userPoolId» e «issuer»."
        )
    },
    keys_unreachable: "Esta página no recibió ninguna respuesta legible. Causas posibles: una \
        región incorrecta en «userPoolId», un «issuer» incorrecto, falta de conexión a la red o \
        una política de seguridad de contenido que bloquea la solicitud.",
    domain_good: "El dominio responde.",
    domain_unreachable: "No hay respuesta. Causas posibles: un error al escribir «userPoolDomain», \
        un dominio que aún no existe o que se creó hace solo unos minutos, falta de conexión a la \
        red o una política de seguridad de contenido que bloquea la solicitud.",
    api_good: "La API responde, permite que esta página lea la respuesta y rechaza las solicitudes \
        sin token.",
    api_open: "La API acepta solicitudes sin token. O el método no tiene autorizador, o la API \
        no se volvió a desplegar después de añadirlo.",
    api_path: "La API no tiene esa ruta o ese método; API Gateway lo indica con «Missing \
        Authentication Token». Compruebe la ruta de «apiUrl», incluido el nombre de la etapa.",
    api_status: |status| {
        format!(
            "La API respondió con el estado {status}. Sin un token válido, debería responder con \
             401."
        )
    },
    api_preflight: |origin| {
        format!(
            "La API responde, pero no permite que esta página envíe un token. Su método OPTIONS \
             debe permitir el encabezado «Authorization» para {origin}."
        )
    },
    api_cors: |origin| {
        format!(
            "La API responde, pero esta página no puede leer la respuesta: no contiene encabezados \
             CORS para {origin} o es una redirección. API Gateway los añade a sus propias respuestas de \
             error solo si se configuran respuestas de la puerta de enlace (DEFAULT_4XX y \
             DEFAULT_5XX)."
        )
    },
    api_unreachable: "No hay respuesta. Causas posibles: un error al escribir «apiUrl», falta de \
        conexión a la red o una política de seguridad de contenido que bloquea la solicitud.",
    clock_good: |difference| {
        format!(
            "El reloj coincide con la hora del servidor, con una diferencia máxima de {difference}."
        )
    },
    clock_ahead: |difference| {
        format!(
            "El reloj está adelantado {difference}, más de lo que permite «clockSkewSeconds», por \
             lo que no se puede iniciar sesión. Corrija la fecha, la hora y la zona horaria de \
             este dispositivo."
        )
    },
    clock_behind: |difference| {
        format!(
            "El reloj está atrasado {difference}, más de lo que permite «clockSkewSeconds», por lo \
             que no se puede iniciar sesión. Corrija la fecha, la hora y la zona horaria de este \
             dispositivo."
        )
    },
    clock_unknown: "El servidor que aloja esta página no informa de su hora.",
    storage_good: "Este navegador guarda lo que necesita un inicio de sesión.",
    storage_none: "Este navegador no permite que la página guarde nada, por lo que nadie puede \
        iniciar sesión. Permita las cookies y los datos del sitio en esta página, o desactive la \
        navegación privada.",
    settings: "Ajustes en vigor",
    settings_text: "Los ajustes que usa esta aplicación, incluidos los valores predeterminados. \
        Ninguno es secreto.",

    // What most errors advise
    again: "Inicie sesión de nuevo para continuar.",
    again_or_tell: "Inicie sesión de nuevo. Si el problema persiste, póngase en contacto con el \
        administrador de esta aplicación.",
    connection_remedy: "Compruebe su conexión y, después, inicie sesión de nuevo.",

    // Why a session ended, and warnings about one
    ended_signed_out: "Ha cerrado la sesión.",
    ended_expired: "Su sesión ha caducado.",
    ended_elsewhere: "Su sesión terminó en otra pestaña.",
    ended_unreadable: "La aplicación eliminó la sesión guardada en este navegador porque no se \
        pudo leer.",
    ended_rejected: "El servidor ya no acepta su sesión, así que la aplicación la ha cerrado.",
    sign_out_unfinished: "Ha cerrado la sesión aquí, pero todavía no en Cognito.",
    sign_out_unfinished_remedy: "Hasta entonces, cualquiera que use este navegador puede iniciar \
        sesión en su cuenta sin contraseña. Elija «Terminar de cerrar la sesión». Si está sin \
        conexión, la aplicación lo hará en cuanto vuelva.",
    finish_sign_out: "Terminar de cerrar la sesión",
    sign_out_not_shared: "Ha cerrado la sesión, pero el navegador no pudo avisar a las demás \
        pestañas de la aplicación.",
    sign_out_not_shared_remedy: "Ciérrelas.",
    ends_soon: "Su sesión caducará en unos minutos.",
    ends_soon_remedy: "Para continuar sin interrupciones, elija «Mantener la sesión iniciada».",
    not_renewed: "La aplicación no pudo renovar su sesión.",
    not_renewed_remedy: "Compruebe su conexión. La aplicación lo intenta de nuevo cada pocos \
        segundos.",
    perhaps_expired: "Según el reloj de este dispositivo, su sesión ha caducado.",
    perhaps_expired_remedy: "La aplicación no puede comprobarlo sin conexión. Si el reloj no está \
        en hora, ajústelo para mantener la sesión iniciada.",
    clock_wrong: "El reloj de este dispositivo no parece estar en hora.",
    clock_wrong_remedy: "Su sesión sigue abierta. Ponga el reloj en hora para que las horas se \
        muestren bien.",
    cannot_store: "El inicio de sesión necesita el almacenamiento del navegador, pero este \
        navegador no permite que la página guarde nada.",
    cannot_store_remedy: "Permita las cookies y los datos del sitio en esta página, o desactive la \
        navegación privada. Después, inténtelo de nuevo.",
    user_changed: "Ahora tiene la sesión iniciada con una cuenta distinta de la anterior.",
    user_changed_remedy: "Si no es su cuenta, cierre la sesión.",
    not_stored: "Ha iniciado sesión, pero este navegador no guardó la sesión.",
    not_stored_remedy: "La sesión durará hasta que recargue o cierre esta página.",

    // Why a sign-in failed
    state_mismatch: "La aplicación ignoró una respuesta que no corresponde a ningún inicio de \
        sesión en curso.",
    state_mismatch_remedy: "Inicie sesión desde esta página. Los enlaces y marcadores de inicio de \
        sesión solo funcionan una vez.",
    signed_out_since: "Ha cerrado la sesión después de que empezara este inicio de sesión.",
    repeated_parameter: "La aplicación ignoró la respuesta del inicio de sesión porque repite un \
        parámetro.",
    no_id_token: "La respuesta del inicio de sesión no contiene ningún token de identidad.",
    token_type: "La respuesta del inicio de sesión tiene un tipo de token que esta aplicación no \
        admite.",
    tokens_in_query: "La aplicación ignoró la respuesta del inicio de sesión porque incluía tokens \
        en la cadena de consulta, donde los servidores y los registros pueden verlos.",
    wrong_grant: "La respuesta del inicio de sesión no corresponde al tipo de concesión que \
        solicitó la aplicación.",
    exchange_refused: "El servicio de inicio de sesión no aceptó el código de autorización.",
    exchange_unreachable: "La aplicación no pudo conectarse al servicio de inicio de sesión para \
        completar su inicio de sesión.",
    exchange_malformed: "La aplicación no pudo interpretar la respuesta del servicio de inicio de \
        sesión.",
    jwks_unavailable: "La aplicación no pudo verificar su inicio de sesión porque no pudo cargar \
        las claves del grupo de usuarios.",
    denied: "El inicio de sesión se canceló o se denegó.",
    invalid_scope: "La aplicación solicitó un ámbito que su cliente de aplicación no permite.",
    unauthorized_client: "El cliente de aplicación no permite este tipo de concesión.",
    login_required: "Ya no tiene la sesión iniciada.",
    server_error: "El servicio de inicio de sesión informó de un problema.",
    not_completed: "El servicio de inicio de sesión no completó el inicio de sesión.",

    // Why an ID token was rejected
    clock_remedy: "Compruebe que la fecha, la hora y la zona horaria de este dispositivo sean \
        correctas y, después, inicie sesión de nuevo.",
    token_expired: "El token de identidad ya había caducado cuando llegó (exp).",
    token_future: "Según el reloj de este dispositivo, el token de identidad se emitió en el \
        futuro (iat).",
    token_before: "Según el reloj de este dispositivo, el token de identidad es anterior al inicio \
        de sesión (iat).",
    token_claim: |claim| {
        format!(
            "La aplicación rechazó el token de identidad porque no contiene un dato «{claim}» \
             válido."
        )
    },
    token_refused: |reason| format!("La aplicación rechazó el token de identidad porque {reason}."),
    token_not_jwt: "está incompleto o dañado",
    token_not_base64url: "no es base64url válido",
    token_not_json: "su contenido no es JSON válido",
    token_algorithm: "no está firmado con RS256 (alg)",
    token_critical: "requiere una extensión que esta aplicación no admite (crit)",
    token_unknown_key: "el grupo de usuarios no tiene ninguna clave con su identificador de clave \
        (kid)",
    token_signature: "su firma no es válida",
    token_at_hash: "no corresponde al token de acceso que llegó con él (at_hash)",
    token_issuer: "lo emitió otro grupo de usuarios (iss)",
    token_audience: "se emitió para otra aplicación (aud)",
    token_extra_audience: "se emitió también para otras aplicaciones (aud)",
    token_azp: "se entregó a otra aplicación (azp)",
    token_use: "no es un token de identidad (token_use)",
    token_nonce: "pertenece a otro inicio de sesión (nonce)",
    token_subject: "identifica a otro usuario (sub)",

    // Why an API call failed
    later: "Su sesión sigue abierta. Inténtelo de nuevo dentro de un momento.",
    api_no_path: "El servidor no tiene esa ruta o ese método; API Gateway lo indica con «Missing \
        Authentication Token».",
    api_no_path_remedy: "Póngase en contacto con el administrador de esta aplicación. Es probable \
        que la ruta de «apiUrl» sea incorrecta.",
    api_no_answer: "La aplicación no pudo conectarse al servidor, o el servidor no permite que \
        esta página lea la respuesta.",
    api_no_answer_remedy: "Su sesión sigue abierta. Compruebe su conexión e inténtelo de nuevo.",
    api_unreachable_near_expiry: "La aplicación no recibió ninguna respuesta legible y su sesión \
        está a punto de caducar. Es probable que el servidor haya rechazado la solicitud.",
    api_unreachable_near_expiry_remedy: "Elija «Mantener la sesión iniciada».",
    api_failed: |status| {
        format!("La solicitud no tuvo éxito. El servidor respondió con el estado {status}.")
    },
    token_too_large: "La aplicación no recibió ninguna respuesta legible. La solicitud supera el \
        tamaño que API Gateway acepta, probablemente porque su cuenta pertenece a muchos grupos o \
        tiene muchos atributos.",
    no_access_token: "El servidor espera un token de acceso y Cognito no emitió ninguno. Es \
        probable que entre los ámbitos de la aplicación falte «openid».",
    administrator: "Su sesión sigue abierta. Póngase en contacto con el administrador de esta \
        aplicación.",
    api_invalid_response: "La aplicación no pudo interpretar la respuesta del servidor.",
    api_invalid_request: "La aplicación no pudo enviar la solicitud porque no es válida.",
    api_aborted: "La solicitud se canceló.",
    another_user: "El usuario que hizo esta solicitud ya no tiene la sesión iniciada.",
    invalid_path: "La aplicación solicitó una ruta que no empieza por / o que sale de la API.",

    // What is wrong with the settings
    not_set_up: "Esta aplicación aún no está configurada",
    mend: "Corrija el archivo y recargue esta página.",
    config_unreachable: "La aplicación no pudo cargar config.json.",
    config_unreachable_remedy: "Compruebe su conexión y recargue esta página.",
    config_status: |status| {
        format!(
            "La aplicación no pudo cargar config.json. El servidor respondió con el estado \
             {status}."
        )
    },
    config_status_remedy: "Recargue esta página dentro de un momento.",
    config_not_found: "No hay ningún config.json junto a esta página.",
    config_not_found_remedy: "Créelo a partir de config.example.json y recargue esta página.",
    config_not_json: "config.json no es JSON válido:",
    config_not_object: "config.json debe ser un objeto JSON que contenga los ajustes.",
    config_unknown: "config.json contiene un ajuste desconocido. Compruebe si está bien escrito:",
    config_missing: |key, expected| {
        format!("A config.json le falta «{key}». Su valor debe ser {expected}.")
    },
    config_invalid: |key, expected| {
        format!("En config.json, «{key}» debe ser {expected}. El valor actual es:")
    },
    expected_absolute: "una URL completa que empiece por https://",
    expected_short: "una URL de 2000 caracteres como máximo",
    expected_encrypted: "una URL https:// (http:// solo se permite para localhost, 127.0.0.1 y \
        [::1])",
    expected_bare: "una URL sin cadena de consulta (?), fragmento (#) ni nombre de usuario (@)",
    expected_host: "una URL con un nombre de host válido y, si lo incluye, un puerto de 1 a 65535",
    expected_characters: "una URL sin espacios, barras invertidas ni otros caracteres que deban \
        codificarse",
    expected_domain: "el dominio sin ruta, como https://my-app.auth.eu-west-1.amazoncognito.com",
    expected_client_id: "el ID del cliente de aplicación: letras y dígitos, como 1example23456789",
    expected_pool_id: "el ID del grupo de usuarios: su región, un guion bajo y letras o dígitos, \
        como eu-west-1_AbCdEfGhI",
    expected_scopes: "una lista de ámbitos que incluya \"openid\", como [\"openid\", \"email\", \
        \"profile\"]",
    expected_providers: "una lista de nombres de proveedores de identidad del grupo de usuarios, \
        como [\"Google\"]",
    expected_seconds: "un número de segundos de 0 a 600",
    expected_lang: "un idioma que admita el inicio de sesión administrado, como \"es\" o \"pt-BR\"",
    expected_login_hint: "un nombre de usuario o una dirección de correo electrónico",
    one_of: |values| quoted_list(values, "o"),
};
