import java.io.IOException;
import java.net.*;
import java.net.http.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.*;
import java.util.regex.Pattern;

/**
 * A license of Leasehold, kept by heartbeats until it is closed. Java 17 or newer, without dependencies:
 *
 * <pre>{@code
 * try (var license = License.acquire("KRE", Duration.ofMinutes(10))) {
 *   while (work()) license.check(); // throws License.Lost once the license is lost
 * }
 * }</pre>
 *
 * The settings come from LEASEHOLD_URL and LEASEHOLD_API_KEY. The key knows its organization.
 */
public final class License implements AutoCloseable {
  /** A refusal of the service, by its code; or `unreachable`, if no answer of the service came. */
  public static class Refused extends RuntimeException {
    public final String code;

    Refused(String code, String message) {
      super(message);
      this.code = code;
    }
  }

  /** The license was lost: stop the work. */
  public static final class Lost extends RuntimeException {
    Lost(String reason) { super("The license was lost: " + reason + "."); }
  }

  /** Redirects are not followed: one would send the key to another host. */
  private static final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

  private final String url, activation;
  private final ScheduledExecutorService heartbeats = Executors.newSingleThreadScheduledExecutor(work -> {
    var thread = new Thread(work, "leasehold");
    thread.setDaemon(true);
    return thread;
  });
  private volatile String lost;
  private volatile long ends;

  private License(String url, String activation) {
    this.url = url;
    this.activation = activation;
    var every = Long.parseLong(field(activation, "heartbeatSeconds"));
    // Three heartbeats are at most one lease: later the service may have given the license away.
    ends = System.nanoTime() + TimeUnit.SECONDS.toNanos(3 * every);
    heartbeats.schedule(() -> beat(every), every, TimeUnit.SECONDS);
  }

  /** Takes a license, waiting for one or for the service at most for the time. @throws Refused if none was given */
  public static License acquire(String product, Duration wait) throws InterruptedException {
    var base = setting("LEASEHOLD_URL", null).replaceAll("/+$", "") + "/v1";
    var session = setting("LEASEHOLD_SESSION_ID", UUID.randomUUID().toString());
    var ids = "{\"sessionId\":\"" + session + "\",\"machineId\":\"" + setting("LEASEHOLD_MACHINE_ID", hostName()) + "\"";
    var organization = setting("LEASEHOLD_ORGANIZATION", "");
    var deadline = System.nanoTime() + wait.toNanos();
    while (true) {
      var left = deadline - System.nanoTime();
      var pause = 5L;
      try {
        if (organization.isEmpty()) organization = field(call("GET", base + "/me", null, 15).body(), "organizationId");
        var activations = base + "/organizations/" + organization + "/subscriptions/" + product + "/activations";
        // The last request says no time: it gives up the place in the queue.
        var body = ids + (left > 0 ? ",\"waitSeconds\":" + Math.max(1, wait.toSeconds()) : "") + "}";
        var answer = call("POST", activations, body, 15);
        if (answer.statusCode() != 202)
          // A slash is encoded twice, since some gateways decode a path before they route it.
          return new License(activations + "/" + URLEncoder.encode(session, StandardCharsets.UTF_8).replace("%2F", "%252F"), answer.body());
        pause = Long.parseLong(field(answer.body(), "retryAfterSeconds"));
      } catch (Refused refusal) {
        if (!refusal.code.equals("unreachable") || left <= 0) throw refusal;
      }
      TimeUnit.NANOSECONDS.sleep(Math.max(0, Math.min(TimeUnit.SECONDS.toNanos(pause), left)));
    }
  }

  /** @throws Lost if the license was lost */
  public void check() { if (lost != null) throw new Lost(lost); }

  /** Gives the license back. If that fails, the license is free when its lease ends. */
  @Override
  public void close() {
    heartbeats.shutdownNow();
    try {
      heartbeats.awaitTermination(10, TimeUnit.SECONDS);
      call("DELETE", url + "?fence=" + field(activation, "fence"), null, 5);
    } catch (Refused ignored) {
      // The lease ends by itself.
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
    }
  }

  private void beat(long every) {
    var sent = System.nanoTime();
    var next = every;
    try {
      var claim = "{\"seat\":" + field(activation, "seat") + ",\"fence\":" + field(activation, "fence") + "}";
      call("POST", url + "/heartbeat", claim, Math.min(10, Math.max(5, every)));
      ends = sent + TimeUnit.SECONDS.toNanos(3 * every);
    } catch (Throwable failure) { // An end of the heartbeats would keep `lost` unset for ever.
      next = Math.min(every, 5);
      var code = failure instanceof Refused refusal ? refusal.code : "unreachable";
      var over = code.equals("activation-ended") || code.equals("not-found");
      if (over || System.nanoTime() - ends >= 0) lost = code;
    }
    if (lost == null && !heartbeats.isShutdown()) heartbeats.schedule(() -> beat(every), next, TimeUnit.SECONDS);
  }

  private static HttpResponse<String> call(String method, String url, String body, long seconds) throws InterruptedException {
    var content = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
    var request = HttpRequest.newBuilder(URI.create(url)).method(method, content)
        .header("Authorization", "Bearer " + setting("LEASEHOLD_API_KEY", null)).header("Content-Type", "application/json");
    var sent = http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    try {
      // The timeout of a request would end with its headers: the body may stall.
      var answer = sent.get(seconds, TimeUnit.SECONDS);
      var status = answer.statusCode();
      if (status == 204 || (status < 300 && answer.body().startsWith("{"))) return answer;
      var code = status == 429 || status >= 500 ? null : field(answer.body(), "code");
      if (code == null) throw new Refused("unreachable", url + " answered " + status + ", but not as the service does.");
      throw new Refused(code, field(answer.body(), "detail"));
    } catch (ExecutionException | TimeoutException failure) {
      throw new Refused("unreachable", "Can't reach " + url + ": " + failure);
    } finally {
      sent.cancel(true);
    }
  }

  /** Returns the first field of a name, a text or a number; null without one. */
  private static String field(String json, String name) {
    var found = Pattern.compile("\"" + name + "\":\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(\\d+))").matcher(json);
    return !found.find() ? null : found.group(1) != null ? found.group(1) : found.group(2);
  }

  private static String setting(String name, String otherwise) {
    var value = System.getenv(name);
    if ((value == null || value.isEmpty()) && otherwise == null) throw new IllegalStateException("Set " + name + ".");
    return value == null || value.isEmpty() ? otherwise : value;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException unknown) {
      return "unknown";
    }
  }
}
