// Records pipelines without Jenkins: each file named is compiled and run by Jenkins' own Groovy, and what it calls is
// written down instead of done. Prints one JSON object: by file, either what was recorded or where the mistake is.
import groovy.json.JsonOutput
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.MultipleCompilationErrorsException

// What a pipeline refers to by name and what only a build knows, such as `none`, `scm` or `env.BRANCH_NAME`.
class Name {
    String text

    Object getProperty(String name) {
        name == 'text' ? this.@text : new Name(text: "${this.@text}.${name}".toString())
    }

    void setProperty(String name, Object value) {
        name == 'text' ? (this.@text = value) : Recorder.assign("${this.@text}.${name}".toString(), value)
    }

    // Such as `currentBuild.getBuildCauses('…')`.
    Object invokeMethod(String name, Object arguments) {
        new Recorder().invokeMethod("${this.@text}.${name}".toString(), arguments)
    }

    String toString() { '${' + this.@text + '}' }
}

// What a call returns: it may be an argument of another, such as `parameters: [string(…)]`.
class Answer {
    Map node

    Object invokeMethod(String name, Object arguments) {
        throw new IllegalStateException("`${name}` stands on the line of `${node.name}`: one block a line")
    }

    // Such as `checkout(…).GIT_COMMIT`: the step is taken, and a name stands for what it returns.
    Object getProperty(String name) {
        name == 'node' ? this.@node : new Name(text: "${this.@node.name}.${name}".toString())
    }

    String toString() { '${' + node.name + '}' }
}

class Recorder extends GroovyObjectSupport {
    static List<List<Map>> open = [[]]

    static void assign(String name, Object value) {
        Object made = plain(value)
        open.last() << [name: '=', named: [:], values: [name, made]]
    }

    Object invokeMethod(String name, Object arguments) {
        List given = arguments instanceof Object[] ? arguments.toList() : [arguments]
        Closure body = given && given.last() instanceof Closure ? given.pop() as Closure : null
        Map named = given && given.first() instanceof Map ? given.remove(0) as Map : [:]
        Map node = [name: name, named: plain(named), values: given.collect { plain(it) }]
        if (body != null) {
            open << []
            body.delegate = this
            body.resolveStrategy = Closure.DELEGATE_ONLY
            body.call()
            node.children = open.pop()
        }
        open.last() << node
        new Answer(node: node)
    }

    Object getProperty(String name) { new Name(text: name) }

    void setProperty(String name, Object value) { assign(name, value) }

    static Object plain(Object value) {
        if (value instanceof Answer) {
            open.last().removeAll { it.is(value.node) }
            return value.node
        }
        if (value instanceof Map) {
            return value.collectEntries { key, one -> [(key.toString()): plain(one)] }
        }
        if (value instanceof Collection) {
            return value.collect { plain(it) }
        }
        value instanceof Name ? [reference: value.@text] : value instanceof GString ? value.toString() : value
    }
}

abstract class Recorded extends Script {
    Object invokeMethod(String name, Object arguments) { new Recorder().invokeMethod(name, arguments) }

    Object getProperty(String name) { name == 'binding' ? super.getBinding() : new Name(text: name) }
}

Map recorded(File file, ClassLoader loader) {
    Recorder.open = [[]]
    CompilerConfiguration configuration = new CompilerConfiguration(scriptBaseClass: Recorded.name)
    try {
        new GroovyShell(loader, new Binding(), configuration).parse(file).run()
        [calls: Recorder.open.first()]
    } catch (MultipleCompilationErrorsException mistakes) {
        def cause = mistakes.errorCollector.getSyntaxError(0)
        [mistake: [line: cause.line, column: cause.startColumn, message: cause.originalMessage]]
    } catch (IllegalStateException refused) {
        [mistake: [line: null, column: null, message: refused.message]]
    }
}

println JsonOutput.toJson(args.collectEntries { path ->
    [(path): recorded(new File(path), getClass().classLoader)]
})
