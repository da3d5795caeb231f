import java.time.Duration;

/** Holds a license until the standard input ends or the license is lost. */
public final class Example {
  public static void main(String[] words) throws Exception {
    try (var license = License.acquire(words[0], Duration.ofSeconds(Long.parseLong(words[1])))) {
      System.out.println("held");
      while (System.in.available() == 0) {
        license.check();
        Thread.sleep(50);
      }
    } catch (License.Refused | License.Lost refused) {
      System.out.println(refused.getMessage());
      System.exit(3);
    }
  }
}
